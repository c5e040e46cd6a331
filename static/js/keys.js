/* Keys of the staff pages. What a page offers carries data-key; the sheet and the palette are drawn from the same
   elements, so that nothing is offered that the page does not have. Never inside fields; Off, Letters or Alt+letters. */
(function () {
  "use strict";

  var WAIT_MS = 1500;
  var body = document.body;
  var mode = body.dataset.keys || "letters";
  var sheet = document.getElementById("keys-sheet");
  var palette = document.getElementById("keys-palette");
  var status = document.getElementById("status");
  var pending = "";
  var own = {}; // keys of the person's own, by the key that each command has for everybody
  var usual = {}; // and the way back
  (body.dataset.keysOwn || "").split(" ").forEach(function (pair) {
    var parts = pair.split("=");
    if (parts.length === 2) {
      own[parts[0]] = parts[1];
      usual[parts[1]] = parts[0];
    }
  });
  var timer = 0;

  function label(element) {
    return (element.dataset.keyLabel || element.textContent || "").replace(/\s+/g, " ").trim();
  }

  function commands() {
    var found = [];
    document.querySelectorAll("[data-key]").forEach(function (element) {
      if (!element.closest("dialog") && getComputedStyle(element).visibility !== "hidden") {
        found.push({ key: element.dataset.key, label: label(element), element: element });
      }
    });
    (body.dataset.keysGo || "").split(" ").forEach(function (pair) {
      var parts = pair.split("=");
      var link = document.querySelector('.rail__link[href="' + parts[1] + '"]');
      if (link) {
        found.push({ key: "g " + parts[0], label: label(link.querySelector("span") || link), element: link });
      }
    });
    return found;
  }

  // What stands in a closed menu is shown before it is pressed; a summary opens its own by the press.
  function uncover(element) {
    var from = element.tagName === "SUMMARY" ? element.parentElement.parentElement : element;
    for (var menu = from.closest("details"); menu; menu = menu.parentElement.closest("details")) {
      menu.open = true;
    }
  }

  function run(command) {
    var element = command.element;
    uncover(element);
    if (element.tagName === "INPUT") {
      element.focus();
      element.select();
    } else if (element.tagName === "FORM") {
      element.requestSubmit();
    } else {
      element.focus();
      element.click();
    }
  }

  // What has no key of its own is offered by the palette alone.
  function hasKey(command) {
    return command.key !== "";
  }

  function find(key) {
    return commands().find(function (command) {
      return command.key === key;
    });
  }

  function shown(key) {
    key = own[key] || key;
    return key === "Escape" ? "Esc" : (mode === "alt" && key.length === 1 ? "Alt+" : "") + key;
  }

  function keyMark(key) {
    var mark = document.createElement("kbd");
    mark.textContent = shown(key);
    return mark;
  }

  function openSheet() {
    var list = sheet.querySelector("[data-keys-here]");
    list.replaceChildren();
    commands().filter(hasKey).forEach(function (command) {
      var row = document.createElement("div");
      var name = document.createElement("dd");
      var term = document.createElement("dt");
      term.append(keyMark(command.key));
      name.textContent = command.label;
      row.append(term, name);
      list.append(row);
    });
    drawOwn();
    sheet.showModal();
  }

  function drawOwn() {
    var choice = sheet.querySelector("[data-keys-commands]");
    if (!choice) {
      return;
    }
    choice.replaceChildren();
    commands().forEach(function (command) {
      if (/^[a-z]$/.test(command.key)) {
        choice.append(new Option(command.label + " (" + shown(command.key) + ")", command.key));
      }
    });
    choice.form.hidden = !choice.options.length;
  }

  function drawMarks() {
    document.querySelectorAll("[data-key]").forEach(function (element) {
      var key = element.dataset.key;
      var mark = element.querySelector("kbd");
      if (key && mode !== "off" && element.closest("[data-keys-shown]")) {
        element.dataset.keyShown = shown(key);
      }
      if (own[key] && mark) {
        mark.textContent = own[key];
      }
      if (own[key] && element.hasAttribute("aria-keyshortcuts")) {
        element.setAttribute("aria-keyshortcuts", own[key]);
      }
    });
  }

  function drawPalette() {
    var list = palette.querySelector("[data-keys-list]");
    var words = palette.querySelector("input").value.toLowerCase().split(/\s+/);
    list.replaceChildren();
    commands().forEach(function (command) {
      var text = command.label.toLowerCase();
      if (!words.every(function (word) { return text.includes(word); })) {
        return;
      }
      var item = document.createElement("li");
      var button = document.createElement("button");
      var name = document.createElement("span");
      button.type = "button";
      button.className = "palette__item";
      name.textContent = command.label;
      button.append(name, hasKey(command) ? keyMark(command.key) : "");
      button.addEventListener("click", function () {
        palette.close();
        run(command);
      });
      item.append(button);
      list.append(item);
    });
    palette.querySelector("[data-keys-none]").hidden = list.children.length > 0;
  }

  function openPalette() {
    palette.querySelector("input").value = "";
    drawPalette();
    palette.showModal();
  }

  function movePalette(event) {
    var items = Array.from(palette.querySelectorAll(".palette__item"));
    var step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") {
      event.preventDefault();
      palette.close(); // a search field would keep the key for itself
    } else if (step && items.length) {
      event.preventDefault();
      var place = items.indexOf(document.activeElement) + step;
      items[Math.max(0, Math.min(items.length - 1, place))].focus();
    } else if (event.key === "Enter" && event.target.tagName === "INPUT") {
      event.preventDefault();
      if (items.length) {
        items[0].click();
      }
    }
  }

  function moveRow(step) {
    var rows = Array.from(document.querySelectorAll(".leads__open"));
    if (!rows.length) {
      return false;
    }
    var now = document.activeElement && document.activeElement.closest("tr");
    var place = rows.findIndex(function (row) { return now && now.contains(row); });
    place = place < 0 ? (step > 0 ? 0 : rows.length - 1) : place + step;
    var row = rows[Math.max(0, Math.min(rows.length - 1, place))];
    row.focus();
    row.closest("tr").scrollIntoView({ block: "nearest" });
    return true;
  }

  function choose(digit) {
    var options = document.querySelectorAll("[data-digits] input[type=radio]");
    var option = options[digit - 1];
    if (!option) {
      return false;
    }
    option.checked = true;
    option.focus();
    option.dispatchEvent(new Event("change", { bubbles: true }));
    return true;
  }

  function isField(target) {
    return target.isContentEditable || target.matches(
      "textarea, select, input:not([type=radio]):not([type=checkbox]):not([type=submit]):not([type=button])"
    );
  }

  function wait(key) {
    pending = key;
    clearTimeout(timer);
    timer = setTimeout(function () { pending = ""; }, WAIT_MS);
  }

  function press(key) {
    if (pending) {
      key = pending + " " + key;
      pending = "";
    } else if (key === "g") {
      wait("g");
      return true;
    } else {
      key = usual[key] || key;
    }
    if (key === "?") {
      openSheet();
      return true;
    }
    if (key === "j" || key === "k") {
      return moveRow(key === "j" ? 1 : -1);
    }
    if (/^[1-9]$/.test(key)) {
      return choose(Number(key));
    }
    if (!document.dispatchEvent(new CustomEvent("leadcrm:key", { cancelable: true, detail: key }))) {
      return true; // the page's own script has taken it
    }
    var command = find(key);
    if (command) {
      run(command);
    }
    return Boolean(command);
  }

  function letterOf(event) {
    if (event.altKey && /^(Key[A-Z]|Digit[0-9])$/.test(event.code)) {
      return event.shiftKey ? event.code.slice(-1) : event.code.slice(-1).toLowerCase();
    }
    return event.key;
  }

  // Ctrl+Enter sends the form that one is in, from wherever in it, by its first button; on a page for one act, that act.
  function submit(target) {
    var form = target.closest("main form") || target === body && document.querySelector("main form#act");
    var button = form && form.querySelector("button[type=submit]:not([disabled]):not([form])");
    if (button) {
      form.requestSubmit(button);
    }
    return Boolean(button);
  }

  document.addEventListener("keydown", function (event) {
    var target = event.target instanceof Element ? event.target : body;
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      if (!document.querySelector("dialog[open]")) {
        openPalette();
      }
      return;
    }
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && !event.repeat && submit(target)) {
      event.preventDefault();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.isComposing || event.repeat && event.key !== "j" && event.key !== "k") {
      return;
    }
    if (document.querySelector("dialog[open]") || isField(target) || mode === "off") {
      return;
    }
    if (event.key.length > 1 && event.key !== "Escape") {
      return;
    }
    if (event.key !== "Escape" && event.altKey !== (mode === "alt")) {
      return;
    }
    if (press(letterOf(event))) {
      event.preventDefault();
    }
  });

  function showEffect(form) {
    var chosen = form.querySelector("[data-digits] input[type=radio]:checked");
    var effect = form.querySelector("#effect");
    var sentence = chosen && effect && effect.getAttribute("data-effect-" + chosen.value);
    if (sentence) {
      effect.querySelector("span").textContent = sentence;
      proposeDate(form, effect, effect.getAttribute("data-next-" + chosen.value) || "");
    }
  }

  // A date that somebody typed stays.
  function proposeDate(form, effect, at) {
    var next = form.querySelector("input[name=next_at]");
    if (next && (next.value === "" || next.value === effect.dataset.proposed)) {
      next.value = effect.dataset.proposed = at;
    }
  }

  function focusRow() {
    var link = /^#lead-[\w-]+$/.test(location.hash) && document.getElementById(location.hash.slice(1));
    if (link && link.matches(".leads__open")) {
      link.focus();
      link.closest("tr").scrollIntoView({ block: "center" });
    }
  }

  if (sheet && palette) {
    drawMarks();
    document.querySelectorAll("[data-keys-open]").forEach(function (button) {
      button.hidden = false;
      button.addEventListener("click", openSheet);
    });
    palette.querySelector("input").addEventListener("input", drawPalette);
    palette.addEventListener("keydown", movePalette);
    document.querySelectorAll("form").forEach(function (form) {
      form.addEventListener("change", function () { showEffect(form); });
      showEffect(form);
    });
    status.dataset.keys = mode;
    // The browser goes to the fragment after this script and takes the focus away again.
    window.addEventListener("load", function () { setTimeout(focusRow, 0); });
  }
})();
