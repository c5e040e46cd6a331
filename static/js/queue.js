/* Selecting leads in the queue: x, Shift+j and Shift+k by keyboard, tick boxes by pointer. The selection outlives a
   list that re-reads itself. What is done with it is an ordinary form; without this script it works all the same. */
(function () {
  "use strict";

  var form = document.getElementById("bulk");
  if (!form) {
    return;
  }
  var chosen = new Set();
  var all = form.querySelector("input[name=all]");
  var count = form.querySelector("[data-bulk-count]");
  var none = form.querySelector("[data-bulk-none]");
  var anchor = null;

  function boxes() {
    return Array.from(document.querySelectorAll("#list input[name=lead]"));
  }

  function rowOf(element) {
    return element && element.closest ? element.closest("#list tr") : null;
  }

  function boxOf(row) {
    return row && row.querySelector("input[name=lead]");
  }

  function draw() {
    boxes().forEach(function (box) {
      box.checked = chosen.has(box.value);
      rowOf(box).classList.toggle("is-chosen", box.checked);
    });
    form.hidden = chosen.size === 0 && !all.checked;
    count.textContent = count.dataset.words.replace("{n}", chosen.size);
    document.body.classList.toggle("has-bulk", !form.hidden);
  }

  function choose(box, on) {
    if (on) {
      chosen.add(box.value);
    } else {
      chosen.delete(box.value);
    }
  }

  function tell() {
    document.getElementById("status").textContent = count.textContent;
  }

  function toggle() {
    var box = boxOf(rowOf(document.activeElement));
    if (!box) {
      return false;
    }
    choose(box, !chosen.has(box.value));
    anchor = box.value;
    draw();
    tell();
    return true;
  }

  function extend(step) {
    var row = rowOf(document.activeElement);
    var next = row && (step > 0 ? row.nextElementSibling : row.previousElementSibling);
    if (!boxOf(row)) {
      return false;
    }
    choose(boxOf(row), true);
    if (boxOf(next)) {
      choose(boxOf(next), true);
      next.querySelector(".leads__open").focus();
      next.scrollIntoView({ block: "nearest" });
    }
    draw();
    tell();
    return true;
  }

  function range(box, on) {
    var list = boxes();
    var from = list.findIndex(function (each) { return each.value === anchor; });
    var to = list.indexOf(box);
    list.slice(Math.min(from, to), Math.max(from, to) + 1).forEach(function (each) { choose(each, on); });
  }

  function focusFilter() {
    var first = document.querySelector(".filters select");
    if (first) {
      first.focus();
    }
    return Boolean(first);
  }

  function clear() {
    chosen.clear();
    all.checked = false;
    draw();
    tell();
  }

  document.addEventListener("leadcrm:key", function (event) {
    var acts = {
      x: toggle,
      J: function () { return extend(1); },
      K: function () { return extend(-1); },
      f: focusFilter,
      a: function () { return form.hidden; } // nothing is selected: nothing to assign
    };
    var act = acts[event.detail];
    if (act && act()) {
      event.preventDefault();
    }
  });

  document.addEventListener("click", function (event) {
    var box = event.target;
    if (!(box instanceof HTMLInputElement) || box.name !== "lead") {
      return;
    }
    if (event.shiftKey && anchor) {
      range(box, box.checked);
    } else {
      choose(box, box.checked);
    }
    anchor = box.value;
    draw();
  });

  all.addEventListener("change", draw);
  none.hidden = false;
  none.addEventListener("click", clear);
  form.querySelector("[data-bulk-hint]").hidden = document.body.dataset.keys === "off";
  document.addEventListener("leadcrm:updated", draw);
  // A ticked row that left the list is still chosen: its id travels in the form all the same.
  form.addEventListener("submit", function () {
    var here = new Set(boxes().map(function (box) { return box.value; }));
    var hidden = document.createElement("input");
    hidden.type = "hidden";
    hidden.name = "leads";
    hidden.value = Array.from(chosen).filter(function (id) { return !here.has(id); }).join(" ");
    form.append(hidden);
  });
  boxes().forEach(function (box) { choose(box, box.checked); });
  draw();
})();
