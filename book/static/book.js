// The book's pieces of script: explorers, figures at full size, paper, and a word on the search.
// Explorers that move without a kernel: each state was drawn beforehand; a control chooses the image.
"use strict";

function control({ name, values, start, menu }, id) {
  const label = document.createElement("label");
  const input = document.createElement(menu ? "select" : "input");
  const shown = document.createElement("output");
  label.htmlFor = input.id = id;
  label.textContent = name;
  if (menu) {
    values.forEach((value, i) => input.add(new Option(value, i)));
  } else {
    Object.assign(input, { type: "range", min: 0, max: values.length - 1, step: 1 });
    shown.htmlFor = id;
  }
  const show = (i) => {
    input.value = i;
    shown.textContent = menu ? "" : values[i];
    if (!menu) input.setAttribute("aria-valuetext", values[i]);
  };
  show(start);
  return { label, input, shown, show, start };
}

function explorer(box) {
  const { controls, images, together, place } = JSON.parse(box.querySelector("script").textContent);
  const still = box.parentElement.querySelector("img");
  const parts = controls.map((each, i) => control(each, `${box.id}-${i}`));
  const grid = document.createElement("div");
  const heard = document.createElement("p");
  const words = document.createElement("p");
  grid.className = "explorer-controls";
  grid.setAttribute("role", "group");
  grid.setAttribute("aria-label", "controls of the figure");
  heard.className = "explorer-heard";
  heard.setAttribute("aria-live", "polite");
  words.className = "explorer-words";
  words.textContent = together
    ? "Move the controls. In the notebook they take more values."
    : "Move a control: here one moves at a time, and the others go back to where they began. In the notebook all move.";
  parts.forEach(({ label, input, shown, show }, k) => {
    input.addEventListener("input", () => {
      const at = Number(input.value);
      if (!together) parts.forEach((other, i) => i === k || other.show(other.start));
      show(at);
      const [file, text] = images[parts.map((part) => part.input.value).join(",")];
      still.src = place + file;
      still.alt = text;
      if (still.parentElement.matches("a.whole")) still.parentElement.href = still.src;
      heard.textContent = text;
    });
    grid.append(label, input, shown);
  });
  const start = images[parts.map((part) => part.start).join(",")];
  const load = () => Object.values(images).forEach(([file]) => (new Image().src = place + file));
  grid.addEventListener("pointerenter", load, { once: true });
  grid.addEventListener("focusin", load, { once: true });
  still.src = place + start[0];
  still.before(words, grid);
  box.append(heard);
}

// A browser does not let a page read other files of the disk, so the search has no words around its hits there.
function explainSearch() {
  const results = document.querySelector("#search-results");
  if (!results || location.protocol !== "file:") return;
  const note = document.createElement("p");
  note.className = "search-note";
  note.textContent = "Opened from the disk, the search finds pages but cannot show the words around a hit; "
    + "on a web server it does (python -m http.server -d runs/book).";
  results.before(note);
}

// Where a window is too narrow for a figure's letters, the figure leads to itself at full size.
function openFigures() {
  document.querySelectorAll("article .cell_output img, article > section > p > img").forEach((image) => {
    if (image.closest("a") || image.naturalWidth < 1.4 * image.clientWidth) return;
    const link = document.createElement("a");
    link.className = "whole";
    link.href = image.src;
    image.replaceWith(link);
    link.append(image);
  });
}

// Paper is white and cannot unfold an answer.
function preparePaper() {
  const { theme } = document.documentElement.dataset;
  const folded = document.querySelectorAll("article details:not(.hide, [open])");
  document.documentElement.dataset.theme = "light";
  folded.forEach((answer) => (answer.open = true));
  window.addEventListener("afterprint", () => {
    document.documentElement.dataset.theme = theme;
    folded.forEach((answer) => (answer.open = false));
  }, { once: true });
}

window.addEventListener("load", openFigures);
window.addEventListener("beforeprint", preparePaper);
document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("div.explorer").forEach(explorer);
  explainSearch();
});
