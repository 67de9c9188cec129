"""What a graded process forbids itself before a student's code runs: memory and time, files, system calls, imports.

It is a module of the child process, whose program is `sandbox_child`, and imports nothing of the course. Functions
return the names of the restrictions that this machine enforces.
"""

import ctypes
import os
import platform
import sys
from importlib import _bootstrap_external
from importlib.machinery import PathFinder

# System calls that the kernel denies, with their numbers on x86-64. The numbers are here because pyseccomp needs the
# system's libseccomp and Landlock's bindings exist for Linux only: neither installs wherever the course must run.
DENIED = {
    # the network
    **{"socket": 41, "connect": 42, "accept": 43, "sendto": 44, "sendmsg": 46, "bind": 49, "listen": 50},
    **{"socketpair": 53, "accept4": 288},
    # processes, programs and signals
    **{"fork": 57, "vfork": 58, "execve": 59, "execveat": 322, "kill": 62, "tkill": 200, "tgkill": 234},
    **{"rt_sigqueueinfo": 129, "rt_tgsigqueueinfo": 297},
    # other processes
    **{"ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "pidfd_send_signal": 424},
    **{"pidfd_open": 434, "pidfd_getfd": 438, "kcmp": 312},
    # limits and groups
    **{"setrlimit": 160, "prlimit64": 302, "setpriority": 141, "sched_setaffinity": 203, "setpgid": 109, "setsid": 112},
    # the system
    **{"chroot": 161, "pivot_root": 155, "mount": 165, "umount2": 166, "unshare": 272, "setns": 308, "bpf": 321},
    **{"perf_event_open": 298, "userfaultfd": 323, "io_uring_setup": 425, "add_key": 248, "request_key": 249},
    **{"keyctl": 250},
    # modes, owners and times of files
    **{"chmod": 90, "fchmod": 91, "fchmodat": 268, "fchmodat2": 452, "chown": 92, "fchown": 93, "lchown": 94},
    **{"fchownat": 260, "utime": 132, "utimes": 235, "futimesat": 261, "utimensat": 280},
    **{"setxattr": 188, "lsetxattr": 189, "fsetxattr": 190},
    # what exists elsewhere; `stat_by_open` stands in for it where reading is allowed
    **{"stat": 4, "lstat": 6, "access": 21, "faccessat": 269, "faccessat2": 439, "statx": 332},
    **{"readlink": 89, "readlinkat": 267, "statfs": 137, "chdir": 80, "fchdir": 81, "getxattr": 191, "lgetxattr": 192},
    **{"listxattr": 194, "llistxattr": 195, "name_to_handle_at": 303, "open_by_handle_at": 304},
    **{"inotify_add_watch": 254, "fanotify_mark": 301},
    # shared memory
    **{"shmget": 29, "semget": 64, "msgget": 68, "mq_open": 240, "memfd_create": 319, "memfd_secret": 447},
}
CLONE, CLONE_THREAD, CLONE3 = 56, 0x10000, 435
NEWFSTATAT, AT_EMPTY_PATH = 262, 0x1000  # with this flag it is fstat, of an open file
# By its argument: a signal to another process when a file is ready (F_SETOWN, F_SETSIG, F_SETOWN_EX, F_NOTIFY;
# FIOSETOWN, SIOCSPGRP), and typing into a terminal (TIOCSTI)
DENIED_ARGUMENTS = {72: (8, 10, 15, 1026), 16: (0x8901, 0x8902, 0x5412)}  # system call: values of its second argument
LANDLOCK_CREATE_RULESET, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT_SELF = 444, 445, 446
LANDLOCK_CREATE_RULESET_VERSION, LANDLOCK_RULE_PATH_BENEATH = 1, 1
# Rights of Landlock, by the bit; later versions know more of them
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, REFER, TRUNCATE, IOCTL_DEV = (1 << bit for bit in (0, 1, 2, 3, 13, 14, 15))
FIRST_RIGHTS = (1 << 13) - 1
ALL_TCP, ALL_SCOPES = 0b11, 0b11  # binding and connecting; abstract sockets and signals out of the sandbox
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, SECCOMP_MODE_FILTER = 22, 38, 2
LINUX_CAPABILITY_VERSION_3 = 0x20080522
AUDIT_ARCH_X86_64, X32_SYSCALL_BIT = 0xC000003E, 0x40000000
BPF_LOAD, BPF_JUMP_EQUAL, BPF_JUMP_AT_LEAST, BPF_JUMP_ANY_BIT, BPF_RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER_AT, ARCHITECTURE_AT, ARGUMENTS_AT = 0, 4, (16, 24, 32, 40)  # bytes of seccomp's data
REFUSE_EPERM, REFUSE_ENOSYS, ALLOW, KILL_PROCESS = 0x00050001, 0x00050026, 0x7FFF0000, 0x80000000
DENIED_EVENTS = (
    *("socket.", "subprocess.", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.kill", "os.system", "pty."),
    *("ctypes.", "gc.", "resource.", "sys.addaudithook", "os.chmod", "os.chown", "os.link", "os.symlink"),
    *("ftplib.", "http.", "urllib.", "webbrowser."),
)
FILE_EVENTS = ("open", "os.listdir", "os.scandir", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.truncate")


def limit_resources(limits):
    """Limit memory, processor time, file size, open files and core dumps, where the system can."""
    try:
        import resource
    except ImportError:  # Windows
        return []
    wanted = {
        "CPU": int(limits["cpu_seconds"]) + 1,
        "AS": limits["memory"],
        "FSIZE": limits["file_bytes"],
        "NOFILE": 128,
        "CORE": 0,
    }
    if sys.platform == "darwin":
        del wanted["AS"]  # macOS refuses it
    for name, value in wanted.items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value))
    return ["limits"]


def allow_packages(names, folders):
    """Allow imports of top-level packages of these names (None: all) from the folders, and of no others."""

    class Packages:
        @staticmethod
        def find_spec(name, path=None, target=None):
            if path is None and (names is None or name in names) and name != "segutils":
                return PathFinder.find_spec(name, folders, target)
            return None

    sys.meta_path.append(Packages)


def readable_paths(names, folders):
    """Paths that an import may read: the standard library, the allowed packages, the system's shared libraries."""
    places = ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", "/dev/null", "/dev/urandom"]
    for folder in sys.path:
        if os.path.isdir(folder):
            places += [e.path for e in os.scandir(folder) if e.name not in ("site-packages", "dist-packages")]
    for folder in folders:
        for entry in os.scandir(folder) if os.path.isdir(folder) else ():
            stem = entry.name.split(".")[0]
            if (names is None or stem in names) and not entry.name.endswith(".pth") and "segutils" not in entry.name:
                places.append(entry.path)
    return places


def restrict_files(places, scratch, writes):
    """By Landlock (Linux 5.13; no privileges needed), allow reading in `places` and `scratch`, writing only there."""
    if sys.platform != "linux":
        return []
    libc = ctypes.CDLL(None, use_errno=True)
    abi = libc.syscall(LANDLOCK_CREATE_RULESET, None, 0, LANDLOCK_CREATE_RULESET_VERSION)
    if abi < 1:
        return []
    rights = FIRST_RIGHTS | REFER * (abi >= 2) | TRUNCATE * (abi >= 3) | IOCTL_DEV * (abi >= 5)
    attributes = (ctypes.c_uint64 * 3)(rights, ALL_TCP, ALL_SCOPES)
    known = 8 if abi < 4 else 16 if abi < 6 else 24  # bytes of the attributes that this kernel knows
    ruleset = libc.syscall(LANDLOCK_CREATE_RULESET, ctypes.byref(attributes), known, 0)
    for place in (*places, scratch):
        try:
            handle = os.open(place, os.O_PATH)
        except OSError:
            continue
        read = READ_FILE | (READ_DIR if os.path.isdir(place) else 0)
        allowed = rights & ~EXECUTE if place == scratch and writes else read | WRITE_FILE * (place == "/dev/null")
        rule = allowed.to_bytes(8, "little") + handle.to_bytes(4, "little")  # a packed struct
        libc.syscall(LANDLOCK_ADD_RULE, ruleset, LANDLOCK_RULE_PATH_BENEATH, rule, 0)
        os.close(handle)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    done = libc.syscall(LANDLOCK_RESTRICT_SELF, ruleset, 0) == 0
    os.close(ruleset)
    return ["files"] if done else []


def restrict_system_calls(allowed=()):
    """Drop all capabilities, and by seccomp deny DENIED but those `allowed`, and new processes, but not threads."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return []
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.capset((ctypes.c_uint32 * 2)(LINUX_CAPABILITY_VERSION_3, 0), (ctypes.c_uint32 * 6)())
    refuse = (BPF_RETURN, 0, 0, REFUSE_EPERM)
    program = [  # a step is (what to do, steps to skip if so, steps to skip if not, value)
        (BPF_LOAD, 0, 0, ARCHITECTURE_AT),
        (BPF_JUMP_EQUAL, 1, 0, AUDIT_ARCH_X86_64),
        (BPF_RETURN, 0, 0, KILL_PROCESS),
        (BPF_LOAD, 0, 0, NUMBER_AT),
        (BPF_JUMP_AT_LEAST, 0, 1, X32_SYSCALL_BIT),
        (BPF_RETURN, 0, 0, KILL_PROCESS),
    ]
    program += [
        step
        for name, number in DENIED.items()
        if name not in allowed
        for step in ((BPF_JUMP_EQUAL, 0, 1, number), refuse)
    ]
    for number, values in DENIED_ARGUMENTS.items():
        checks = [step for value in values for step in ((BPF_JUMP_EQUAL, 0, 1, value), refuse)]
        program += [
            (BPF_JUMP_EQUAL, 0, len(checks) + 2, number),
            (BPF_LOAD, 0, 0, ARGUMENTS_AT[1]),
            *checks,
            (BPF_LOAD, 0, 0, NUMBER_AT),
        ]
    program += [
        (BPF_JUMP_EQUAL, 0, 4, NEWFSTATAT),
        (BPF_LOAD, 0, 0, ARGUMENTS_AT[3]),
        (BPF_JUMP_ANY_BIT, 1, 0, AT_EMPTY_PATH),
        refuse,
        (BPF_LOAD, 0, 0, NUMBER_AT),
        (BPF_JUMP_EQUAL, 0, 1, CLONE3),
        (BPF_RETURN, 0, 0, REFUSE_ENOSYS),  # so that clone is taken, whose flags can be looked at
        (BPF_JUMP_EQUAL, 0, 4, CLONE),
        (BPF_LOAD, 0, 0, ARGUMENTS_AT[0]),
        (BPF_JUMP_ANY_BIT, 1, 0, CLONE_THREAD),
        refuse,
        (BPF_RETURN, 0, 0, ALLOW),
        (BPF_RETURN, 0, 0, ALLOW),
    ]
    packed = b"".join(
        code.to_bytes(2, "little") + bytes((yes, no)) + value.to_bytes(4, "little") for code, yes, no, value in program
    )
    text = ctypes.create_string_buffer(packed)
    head = ctypes.create_string_buffer(
        len(program).to_bytes(8, "little") + ctypes.addressof(text).to_bytes(8, "little")
    )
    return ["system calls"] if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(head), 0, 0) == 0 else []


def stat_by_open(folders):
    """Let Python ask for a file's size and kind by opening it, since the kernel refuses `stat` by name.

    Who may not read a file then cannot find out either whether it exists. `folders`, in which imports look for
    modules, are listed now: later they cannot be opened themselves, only what may be read in them.

    Returns: a function that does it, to be called after the restrictions.
    """
    known = {}
    for folder in filter(os.path.isdir, (*sys.path, *folders)):
        known[folder] = os.stat(folder)
        PathFinder.find_spec("no_module_of_this_name", [folder])

    def stat(path, *, dir_fd=None, follow_symlinks=True):
        if isinstance(path, str) and path in known:
            return known[path]
        handle = path if isinstance(path, int) else os.open(path, os.O_RDONLY | os.O_NONBLOCK, dir_fd=dir_fd)
        try:
            return os.fstat(handle)
        finally:
            if handle is not path:
                os.close(handle)

    def access(path, mode, **options):
        try:
            return bool(stat(path)) and not mode & os.X_OK
        except OSError:
            return False

    def readlink(path, **options):
        raise PermissionError("links are not followed in a graded cell")

    def install():
        for module in (os, sys.modules["posix"]):
            module.readlink = readlink
            module.stat = module.lstat = stat
            module.access = access
        _bootstrap_external._path_stat = stat

    return install


def restrict_python(places, scratch, strict):
    """Add an audit hook, which cannot be removed: a second line of defence on Linux, the first elsewhere.

    The hook uses only its argument defaults and methods written in C: nothing that Python code can change.
    """
    inside = tuple(f"{form(place)}{os.sep}" for place in (*places, scratch) for form in (str, os.path.realpath))

    def hook(
        event,
        arguments,
        inside=inside,
        denied=DENIED_EVENTS if strict else (),
        files=FILE_EVENTS,
        text=str,
        error=PermissionError,
        separator=os.sep,
        kind=type,
        raw=bytes,
        number=int,
    ):
        if event.startswith(denied) or (event == "object.__setattr__" and arguments[1] == "__code__"):
            raise error(f"{event} is not allowed in a graded cell")
        if event in files and kind(arguments[0]) is not number:
            path = arguments[0] if kind(arguments[0]) is not raw else arguments[0].decode("utf-8", "replace")
            if path is None:
                return
            absolute = kind(path) is text and (path[:1] in ("/", "\\") or path[1:2] == ":")
            if kind(path) is not text or ".." in path or (absolute and not (path + separator).startswith(inside)):
                raise error("files outside the notebook's folder are not allowed in a graded cell")

    sys.addaudithook(hook)
