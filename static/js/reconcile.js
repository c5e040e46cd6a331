/* Brings the page up to a newer copy of itself without moving anything under the hand.
   Nodes that are the same keep their identity; rows are known by their id. What the pointer, the focus or a selection
   rests on is not touched, and what would move it (new, moved, vanished rows before it) waits: the caller gets counts. */
(function () {
  "use strict";

  var GHOST_MS = 8000;
  var GLIDE = { duration: 200, easing: "ease-out" };
  var MOVING = "section.panel, tbody tr, li.event, li.plain__item";
  var ALWAYS = ".rail, .views, .page-head, .lead-head, .consent, .count, [data-live=now]";
  var BLOCKS = "section, table, tbody, tr, ul, ol, li, div, p, form, h1, h2, h3, dl, article, svg";
  var OWN = "[data-live-skip], [hx-trigger~=load], .ghost, [role=status]";
  var LOCAL = /^(open|hidden|style|disabled)$/; // what scripts and people set on the page itself
  var KEPT = { csrfmiddlewaretoken: true, idempotency_key: true };
  var pointer = null;
  var dirty = new WeakSet();

  document.addEventListener("pointermove", function (event) {
    pointer = event.pointerType === "touch" ? null : { x: event.clientX, y: event.clientY };
  }, { passive: true });
  document.documentElement.addEventListener("pointerleave", function () { pointer = null; });
  document.addEventListener("input", function (event) {
    if (event.target.form) {
      dirty.add(event.target.form);
    }
  });

  /* What must not move: the elements under pointer, focus and selection, and ticked rows. */
  function hands(main) {
    var found = [];
    var active = document.activeElement;
    var selection = window.getSelection();
    if (pointer) {
      found.push(document.elementFromPoint(pointer.x, pointer.y));
    }
    if (active && active !== document.body && active !== main) {
      found.push(active);
    }
    if (selection && !selection.isCollapsed && selection.anchorNode) {
      found.push(selection.anchorNode.parentElement);
    }
    main.querySelectorAll("tbody input[type=checkbox]:checked").forEach(function (box) { found.push(box); });
    return found.filter(function (each) { return each && each !== main && main.contains(each); });
  }

  function columnOf(element) {
    return element.closest(".columns > *");
  }

  /* A change of the children of `element` would move what is inside it or after it, in its own column. */
  function moves(element, work) {
    if (work.force || element.closest(ALWAYS)) {
      return false;
    }
    return work.hands.some(function (hand) {
      if (element.contains(hand)) {
        return true;
      }
      var here = columnOf(element);
      var there = columnOf(hand);
      var isSameColumn = !here || !there || here === there;
      return isSameColumn && Boolean(element.compareDocumentPosition(hand) & Node.DOCUMENT_POSITION_FOLLOWING);
    });
  }

  function keysOf(parent) {
    var seen = {};
    return Array.from(parent.childNodes).map(function (node) {
      var key;
      if (node.nodeType !== Node.ELEMENT_NODE) {
        key = "#" + node.nodeType;
      } else if (node.id) {
        return "id:" + node.id;
      } else {
        var mark = node.getAttribute("aria-labelledby") || node.classList[0] || "";
        key = node.localName + ":" + mark + (mark === "event" ? node.textContent.replace(/\s+/g, " ") : "");
      }
      seen[key] = (seen[key] || 0) + 1;
      return key + "~" + seen[key];
    });
  }

  function isRow(node) {
    return node.nodeType === Node.ELEMENT_NODE && node.matches("tr[id], li.event, section");
  }

  function isProtected(form) {
    return dirty.has(form) || form.contains(document.activeElement);
  }

  function morph(old, fresh, work) {
    if (old.nodeType !== Node.ELEMENT_NODE) {
      if (old.nodeValue !== fresh.nodeValue) {
        old.nodeValue = fresh.nodeValue;
      }
      return;
    }
    if (old.matches(OWN) || fresh.matches(OWN) || (old.localName === "form" && isProtected(old))) {
      return;
    }
    if (!work.force && old.matches("tr[id], li.event") && holds(old, work)) {
      work.skipped += old.isEqualNode(fresh) ? 0 : 1;
      return;
    }
    if (old === document.activeElement && old.matches("input, select, textarea, [contenteditable]")) {
      return;
    }
    morphAttributes(old, fresh);
    if (!old.matches("textarea")) {
      morphChildren(old, fresh, work);
    }
  }

  function morphAttributes(old, fresh) {
    if (old.localName === "input" && KEPT[old.name]) {
      return;
    }
    Array.from(fresh.attributes).forEach(function (attribute) {
      if (!LOCAL.test(attribute.name) && old.getAttribute(attribute.name) !== attribute.value) {
        old.setAttribute(attribute.name, attribute.value);
      }
    });
    Array.from(old.attributes).forEach(function (attribute) {
      if (!fresh.hasAttribute(attribute.name) && !LOCAL.test(attribute.name)) {
        old.removeAttribute(attribute.name);
      }
    });
  }

  function morphChildren(old, fresh, work) {
    var ghosts = Array.from(old.children).filter(function (each) { return each.classList.contains("ghost"); });
    var before = keysOf(old);
    var after = keysOf(fresh);
    if (!ghosts.length && before.join("\n") === after.join("\n")) {
      var pairs = Array.from(fresh.childNodes);
      Array.from(old.childNodes).forEach(function (node, place) { morph(node, pairs[place], work); });
    } else if (!old.querySelector(BLOCKS) && !fresh.querySelector(BLOCKS)) {
      if (!old.contains(document.activeElement)) {
        old.replaceChildren.apply(old, Array.from(document.importNode(fresh, true).childNodes));
      }
    } else {
      merge(old, fresh, work);
    }
  }

  /* The children differ in number or order. Where that would move the hand, only what stays is brought up to date. */
  function merge(old, fresh, work) {
    var names = keysOf(old);
    var keys = keysOf(fresh);
    var mine = new Map();
    Array.from(old.childNodes).forEach(function (node, place) {
      if (node.nodeType === Node.ELEMENT_NODE && !node.matches(".ghost")) {
        mine.set(names[place], node);
      }
    });
    var staying = new Set(keys.map(function (key) { return mine.get(key); }).filter(Boolean));
    var waits = moves(old, work);
    var cursor = waits ? null : after(old, null, staying);
    Array.from(fresh.childNodes).forEach(function (node, place) {
      if (node.nodeType !== Node.ELEMENT_NODE) {
        return;
      }
      var match = mine.get(keys[place]);
      if (match) {
        morph(match, node, work);
      }
      if (waits) {
        count(node, match, work);
      } else if (match && match === cursor) {
        cursor = after(old, cursor, staying);
      } else if (match || !node.matches(OWN)) {
        old.insertBefore(match || document.importNode(node, true), cursor);
      }
    });
    work.other += waits && isShuffled(staying, old) ? 1 : 0;
    mine.forEach(function (node) {
      if (!staying.has(node) && !node.matches(OWN)) {
        leave(node, waits, work);
      }
    });
  }

  /* The next child that stays; what leaves and what is not an element is passed over. */
  function after(parent, node, staying) {
    var next = node ? node.nextSibling : parent.firstChild;
    while (next && !staying.has(next)) {
      next = next.nextSibling;
    }
    return next;
  }

  function count(node, match, work) {
    if (!match && !node.matches(OWN)) {
      work[isRow(node) ? "fresh" : "other"] += 1;
    }
  }

  function holds(row, work) {
    return work.hands.some(function (hand) { return row.contains(hand); });
  }

  function isShuffled(kept, parent) {
    var now = Array.from(parent.children).filter(function (each) { return kept.has(each); });
    return Array.from(kept).some(function (each, place) { return each !== now[place]; });
  }

  /* A row that left stays for eight seconds as a line of the same height; the one under the hand stays as it is. */
  function leave(node, waits, work) {
    if (!node.matches("tr[id]")) {
      if (waits) {
        work.other += 1;
      } else {
        node.remove();
      }
    } else if (waits && holds(node, work)) {
      work.other += 1;
    } else {
      var ghost = document.createElement("tr");
      var cell = document.createElement("td");
      ghost.className = "ghost";
      ghost.style.height = node.getBoundingClientRect().height + "px";
      cell.colSpan = node.cells.length || 1;
      var ref = node.querySelector("[id^=lead-]");
      cell.textContent = work.words.gone.replace("{ref}", ref ? ref.id.replace("lead-", "") : "");
      ghost.append(cell);
      ghost.dataset.lead = node.id.replace("row-", "");
      node.replaceWith(ghost);
      work.gone.push(ghost);
      setTimeout(fade, GHOST_MS, ghost, work.main);
    }
  }

  function fade(ghost, main) {
    if (!ghost.isConnected) {
      return;
    }
    if (moves(ghost.parentElement, { force: false, hands: hands(main) })) {
      ghost.classList.add("ghost--past");
      setTimeout(fade, 1000, ghost, main);
    } else {
      ghost.remove();
    }
  }

  /* What an update moved glides to its new place, so that the eye can follow, unless somebody wants no motion. */
  function placesOf(main) {
    var still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    return new Map(Array.from(still ? [] : main.querySelectorAll(MOVING)).map(function (each) {
      return [each, each.getBoundingClientRect().top];
    }));
  }

  function glide(places) {
    var moved = new Map();
    places.forEach(function (top, each) {
      moved.set(each, each.isConnected ? top - each.getBoundingClientRect().top : 0);
    });
    moved.forEach(function (by, each) {
      var around = each.parentElement && each.parentElement.closest(MOVING);
      var own = by - (moved.get(around) || 0);
      if (own) {
        each.animate([{ transform: "translateY(" + own + "px)" }, { transform: "none" }], GLIDE);
      }
    });
  }

  /* Returns what waits: {fresh: new rows, other: other changes, skipped: rows under the hand that differ}. */
  window.leadcrmReconcile = function (main, copy, options) {
    var work = {
      main: main, hands: options.force ? [] : hands(main), force: options.force, words: options.words,
      fresh: 0, other: 0, skipped: 0, gone: []
    };
    var places = placesOf(main);
    morphChildren(main, copy, work);
    glide(places);
    if (work.gone.length) {
      document.dispatchEvent(new CustomEvent("leadcrm:gone", { detail: work.gone }));
    }
    document.dispatchEvent(new CustomEvent("leadcrm:updated"));
    return work;
  };
})();
