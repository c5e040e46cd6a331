/* Clocks that tick from the server's time. Words come translated from <body>; each threshold is told once. */
(function () {
  "use strict";

  var DUE_SOON = 0.6;
  var AT_RISK = 0.85;
  var TICK_MS = 15000;
  var words = document.body.dataset;
  var skew = new Date(words.serverNow).getTime() - Date.now();
  var told = new Map();

  function fill(pattern, values) {
    return pattern.replace(/\{(\w+)\}/g, function (whole, name) {
      return name in values ? values[name] : whole;
    });
  }

  function span(ms) {
    var minutes = Math.max(1, Math.round(ms / 60000));
    if (minutes < 60) {
      return fill(words.wordsMinutes, { n: minutes });
    }
    var hours = Math.floor(minutes / 60);
    if (hours < 24) {
      return fill(words.wordsHours, { h: hours, m: minutes % 60 });
    }
    return fill(words.wordsDays, { d: Math.floor(hours / 24), h: hours % 24 });
  }

  function stateAt(used) {
    if (used >= 1) {
      return "breached";
    }
    if (used > AT_RISK) {
      return "at_risk";
    }
    return used > DUE_SOON ? "due_soon" : "on_track";
  }

  function announce(clock, light, word) {
    var row = clock.closest("tr");
    var link = row && row.querySelector("[id^=lead-]");
    var ref = clock.dataset.announce || (link && link.id.replace("lead-", ""));
    if (!ref) {
      return;
    }
    var before = told.get(ref);
    told.set(ref, light);
    if (before && before !== light && (light === "at_risk" || light === "breached")) {
      document.getElementById("status").textContent = ref + ": " + word;
    }
  }

  function draw(clock, now) {
    var due = new Date(clock.dataset.dueAt).getTime();
    var length = clock.dataset.seconds * 1000;
    var used = length > 0 ? 1 - (due - now) / length : 1;
    var light = stateAt(used);
    var part = Math.min(1, Math.max(0, used)).toFixed(3) + " 1";
    var use = clock.querySelector("use");
    var word = clock.querySelector(".sla__word");
    if (light === "breached") {
      word.textContent = fill(words.wordsLate, { span: span(now - due) });
    } else if (light !== "on_track") {
      word.textContent = fill(words.wordsLeft, { span: span(due - now) });
    }
    clock.className = "sla sla--" + light;
    use.setAttribute("stroke-dasharray", part);
    use.setAttribute("href", use.getAttribute("href").replace(/#.*$/, "#sla-" + light));
    announce(clock, light, word.textContent);
  }

  function tick() {
    var now = Date.now() + skew;
    document.querySelectorAll(".sla[data-due-at]").forEach(function (clock) {
      draw(clock, now);
    });
  }

  document.addEventListener("htmx:afterSettle", tick);
  document.addEventListener("leadcrm:updated", tick);
  setInterval(tick, TICK_MS);
  tick();
})();
