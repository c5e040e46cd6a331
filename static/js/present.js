/* Who else has this lead open. The page says every ten seconds that it is looked at or typed into, and shows the answer.
   A hidden page says nothing; one that is left says so. */
(function () {
  "use strict";

  var EVERY_MS = 10000;
  var TYPING_MS = 5000;
  var GATHER_MS = 700; // who goes from the lead to one of its forms is not gone
  var line = document.getElementById("present");
  if (!line) {
    return;
  }
  var words = line.querySelector("[data-present]");
  var token = document.querySelector("input[name=csrfmiddlewaretoken]");
  var typedAt = -TYPING_MS;
  var said = "";
  var saidAt = 0;
  var soon = 0;

  function doing() {
    return performance.now() - typedAt < TYPING_MS ? "typing" : "viewing";
  }

  function body(what) {
    var form = new FormData();
    form.append("csrfmiddlewaretoken", token.value);
    form.append("doing", what);
    return form;
  }

  function say() {
    if (document.hidden) {
      return;
    }
    said = doing();
    saidAt = performance.now();
    fetch(line.dataset.url, {
      method: "POST", body: body(said), headers: { "X-Leadcrm-Poll": "1" }, redirect: "manual"
    }).then(function (answer) {
      return answer.ok ? answer.json() : { words: "" };
    }).then(show, function () { show({ words: "" }); });
  }

  function show(told) {
    if (words.textContent !== told.words) {
      words.textContent = told.words;
      line.classList.toggle("present--on", Boolean(told.words));
    }
  }

  document.getElementById("main").addEventListener("input", function () {
    typedAt = performance.now();
    if (said !== "typing") {
      say();
    }
  });
  document.addEventListener("leadcrm:present", function (event) {
    if (event.detail.indexOf(line.dataset.lead) >= 0) {
      clearTimeout(soon);
      soon = setTimeout(say, GATHER_MS);
    }
  });
  document.addEventListener("visibilitychange", say);
  window.addEventListener("pageshow", say);
  window.addEventListener("pagehide", function () {
    navigator.sendBeacon(line.dataset.url, body("left"));
  });
  setInterval(function () {
    if (said !== doing() || performance.now() - saidAt >= EVERY_MS) {
      say();
    }
  }, 1000);
})();
