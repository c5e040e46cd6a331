/* An empty chair shows nothing. Ten minutes after the last touch the page is covered; two minutes before the server ends
   the session the cover says so, and one press keeps it. All tabs of the browser count as one chair. What is read out
   are the thresholds alone. Nothing that was typed is touched. */
(function () {
  "use strict";

  var TICK_MS = 1000;
  var TOLD_EVERY_MS = 60000;
  var WARN_SECONDS = 120;
  var THRESHOLDS = [300, 60];

  var cover = document.getElementById("cover");
  if (!cover) {
    return;
  }
  var words = cover.dataset;
  var idle = Number(words.idleSeconds);
  var coverAfter = Number(words.coverSeconds);
  var status = document.getElementById("status");
  var sentence = cover.querySelector("[data-cover-words]");
  var button = cover.querySelector("[data-stay]");
  var again = cover.querySelector("[data-again]");
  var channel = "BroadcastChannel" in window ? new BroadcastChannel("leadcrm-chair") : null;
  var touched = Date.now();
  var told = touched; // when the server last heard of somebody
  var said = 0;
  var isEnded = false;
  var below = null;

  function share(kind) {
    if (channel) {
      channel.postMessage({ kind: kind, touched: touched, told: told });
    }
  }

  function stay() {
    var asked = Date.now();
    return fetch(words.url, { headers: { "HX-Request": "true" }, redirect: "manual", cache: "no-store" })
      .then(function (answer) {
        if (answer.status === 204) {
          told = Math.max(told, asked);
          isEnded = false;
          share("told");
        } else if (answer.status === 401 || answer.type === "opaqueredirect") {
          isEnded = true;
        }
        return answer.status === 204;
      })
      .catch(function () {
        return false; // no connection: the banner says so
      });
  }

  function touch() {
    if (cover.open) {
      return;
    }
    var now = Date.now();
    touched = now;
    if (now - told > TOLD_EVERY_MS) {
      told = now;
      stay();
    }
  }

  function left(now) {
    return idle - (now - told) / 1000;
  }

  function open() {
    if (!cover.open) {
      var dialog = document.querySelector("dialog[open]");
      below = dialog && dialog !== cover ? dialog : null;
      document.body.classList.add("is-covered");
      cover.showModal();
    }
  }

  function uncover() {
    document.body.classList.remove("is-covered");
    cover.close();
    said = 0;
    touched = Date.now();
    if (below && below.open) {
      below.focus();
    }
  }

  function say(text) {
    // The rest of the page is inert under the cover; what is said has to be inside it.
    (cover.open ? cover.querySelector("[data-cover-status]") : status).textContent = text;
  }

  function draw() {
    var now = Date.now();
    var rest = left(now);
    if (rest <= 0) {
      isEnded = true;
    }
    if (isEnded || now - touched >= coverAfter * 1000 || rest <= WARN_SECONDS) {
      open();
    }
    if (!cover.open) {
      return;
    }
    var isWarning = !isEnded && rest <= WARN_SECONDS;
    var text = isEnded ? words.wordsEnded : isWarning
      ? words.wordsLeft.replace("{n}", Math.max(1, Math.ceil(rest / 60))) : words.wordsCovered;
    if (sentence.textContent !== text) {
      sentence.textContent = text;
    }
    button.textContent = isEnded ? words.wordsRetry : isWarning ? words.wordsStay : words.wordsShow;
    again.hidden = !isEnded;
    var passed = isEnded ? -1 : THRESHOLDS.filter(function (each) { return rest <= each; }).pop() || 0;
    if (passed && passed !== said) {
      said = passed;
      say(isEnded ? words.wordsEnded : words.wordsLeft.replace("{n}", Math.ceil(passed / 60)));
    }
  }

  button.addEventListener("click", function () {
    stay().then(function (isKept) {
      if (isKept) {
        uncover();
        share("uncover");
      }
      draw();
    });
  });
  cover.addEventListener("cancel", function (event) {
    event.preventDefault(); // Escape shows nothing to who only walks past
  });
  cover.addEventListener("close", function () {
    if (document.body.classList.contains("is-covered")) {
      cover.showModal(); // a browser lets a second Escape through
    }
  });
  ["keydown", "pointerdown", "pointermove", "wheel", "input"].forEach(function (kind) {
    document.addEventListener(kind, touch, { passive: true, capture: true });
  });
  if (channel) {
    channel.addEventListener("message", function (event) {
      touched = Math.max(touched, event.data.touched);
      told = Math.max(told, event.data.told);
      if (event.data.kind === "uncover" && cover.open) {
        isEnded = false;
        uncover();
      }
    });
    setInterval(function () { share("touched"); }, 15000);
    share("told"); // this page was just fetched
  }
  document.addEventListener("visibilitychange", draw);
  setInterval(draw, TICK_MS);
})();
