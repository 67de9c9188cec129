"""A notebook executed by nbclient, in a thread of its own: the main thread stays free for Ctrl-C."""

import asyncio
import concurrent.futures
import contextlib
import os
import signal

from nbclient import NotebookClient

from segutils.running.folder import undisturbed


class Kernel(NotebookClient):
    """nbclient's client, which also tells what happens while it happens."""

    def __init__(self, notebook, *, on_cell, on_text, on_tick, cwd):
        super().__init__(
            notebook,
            timeout=None,
            startup_timeout=120,
            coalesce_streams=True,
            resources={"metadata": {"path": str(cwd)}},
            on_cell_start=on_cell,
        )
        self.on_text, self.on_tick = on_text, on_tick
        self.task = self.loop = None
        self.stopped = False

    def process_message(self, msg, cell, cell_index):
        output = super().process_message(msg, cell, cell_index)
        if output is not None and output.get("output_type") == "stream":
            self.on_text(output.text, cell)
        return output

    def execute_all(self, **options):
        """Execute all cells; options go to the kernel's process.

        Raises: CellExecutionError, DeadKernelError; KeyboardInterrupt, when the kernel is gone.
        """
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            running = pool.submit(asyncio.run, self._execute(options))
            try:
                while not concurrent.futures.wait([running], timeout=0.2).done:
                    self.on_tick()
            except KeyboardInterrupt:
                with undisturbed():
                    self._stop()
                    if not concurrent.futures.wait([running], timeout=10).done:
                        self._kill()
                        concurrent.futures.wait([running], timeout=20)
                raise
            return running.result()

    async def _execute(self, options):
        self.task, self.loop = asyncio.current_task(), asyncio.get_running_loop()
        if self.stopped:
            return None
        return await self.async_execute(**options)

    def _kill(self):
        """Kill a kernel that does not stop, with all that it started."""
        provisioner = getattr(self.km, "provisioner", None)
        if getattr(provisioner, "pgid", None) and hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(provisioner.pgid, signal.SIGKILL)

    def _stop(self):
        self.stopped, self.shutdown_kernel = True, "immediate"
        if self.loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has just ended
                self.loop.call_soon_threadsafe(self.task.cancel)
