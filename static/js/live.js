/* Keeps the page up to date. One event stream per browser: one tab holds it (a lock) and tells the others (a channel).
   A poke says only that something changed; the page then asks for itself. No stream for five seconds: it asks every
   fifteen. So does a page whose contact hours begin or end. No connection: a banner, saving waits, what was typed stays. Polls never lengthen the session. */
(function () {
  "use strict";

  var BEAT_LOST_MS = 5000;
  var POLL_MS = 15000;
  var OFFLINE_MS = 3000;
  var GATHER_MS = 150;
  var GAP_MS = 800;
  var TIMEOUT_MS = 8000;
  var AGAIN_MS = 2000;

  var live = document.getElementById("live");
  var banner = document.getElementById("offline");
  var main = document.getElementById("main");
  var waiting = document.getElementById("waiting");
  var isLivePage = main.hasAttribute("data-live");
  var words = live.dataset;
  var channel = "BroadcastChannel" in window ? new BroadcastChannel("leadcrm-live") : null;

  var lastBeat = Date.now();
  var lastPoll = Date.now();
  var lostAt = 0;
  /* starting (nothing heard yet), live, lost (no stream, not asked since), polling (no stream, asked) */
  var phase = words.stream ? "starting" : "polling";
  var isOffline = !navigator.onLine;
  var brokenAt = 0;
  var isSignedOut = false;
  var isPolling = false;
  var isWanted = false;
  var timer = 0;
  var lastTry = 0;
  var tag = "";
  var address = "";
  var turned = "";
  var skew = Date.parse(document.body.dataset.serverNow) - Date.now();
  var source = null;
  var held = null;
  var before = null; // what had the focus when the key or the pointer went to "show what is new"
  var isPartial = false;
  var spelled = live.querySelector(".live__word").textContent;

  /* What the shell shows. */

  function clockTime(at) {
    return new Date(at).toTimeString().slice(0, 8);
  }

  function draw() {
    var isLive = phase === "live" && !isOffline;
    var word = isLive ? words.wordsLive : words.wordsLost;
    if (isOffline || phase === "polling") {
      word = words.wordsUpdated.replace("{time}", clockTime(lastPoll));
    }
    if (phase !== "starting" || isOffline) {
      live.classList.toggle("live--on", isLive);
      live.classList.toggle("live--off", isOffline);
      if (word !== spelled) {
        spelled = live.querySelector(".live__word").textContent = word;
      }
    }
    if (isOffline || isSignedOut || !banner.hidden) {
      banner.hidden = !isOffline && !isSignedOut;
      banner.querySelector("[data-offline]").hidden = !isOffline;
      banner.querySelector("[data-signed-out]").hidden = isOffline || !isSignedOut;
      holdSaves(isOffline || isSignedOut);
    }
  }

  function holdSaves(isHeld) {
    document.querySelectorAll("form[method=post] [type=submit]").forEach(function (button) {
      if (isHeld && !button.disabled) {
        button.disabled = true;
        button.dataset.held = "";
      } else if (!isHeld && "held" in button.dataset) {
        button.disabled = false;
        delete button.dataset.held;
      }
    });
  }

  document.addEventListener("submit", function (event) {
    if ((isOffline || isSignedOut) && event.target.method === "post") {
      event.preventDefault();
    }
  }, true);

  /* Asking for the page. */

  function pollAddress() {
    var own = main.querySelector("[data-live-url]");
    return address || (own && own.dataset.liveUrl) || location.pathname + location.search;
  }

  function want() {
    isWanted = true;
    clearTimeout(timer);
    if (!document.hidden) {
      timer = setTimeout(poll, Math.max(GATHER_MS, lastPoll + GAP_MS - Date.now()));
    }
  }

  function poll() {
    if (isPolling) {
      return;
    }
    isPolling = true;
    isWanted = false;
    lastTry = Date.now();
    var asked = isLivePage ? pollAddress() : "/healthz";
    var headers = { "X-Leadcrm-Poll": "1" };
    if (tag && isLivePage) {
      headers["If-None-Match"] = tag;
    }
    fetch(asked, { headers: headers, cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(TIMEOUT_MS) })
      .then(function (answer) {
        reached(answer);
        if (answer.status !== 200 || !isLivePage) {
          return null;
        }
        tag = answer.headers.get("ETag") || "";
        return answer.text();
      })
      .then(function (text) {
        if (text) {
          take(text);
        }
      })
      .catch(function () {
        isOffline = true;
      })
      .finally(function () {
        isPolling = false;
        draw();
        if (isWanted && !isOffline) {
          want();
        }
      });
  }

  function reached(answer) {
    lastPoll = Date.now();
    if (lastTry > brokenAt) {
      isOffline = false; // an answer to what was asked before the connection broke proves nothing
    }
    if (answer.status === 401 || answer.type === "opaqueredirect") {
      isSignedOut = true;
    } else if (isLivePage) {
      isSignedOut = false;
    }
    if (phase === "lost" && lastPoll - lostAt >= BEAT_LOST_MS) {
      phase = "polling";
    }
  }

  function take(text) {
    var copy = new DOMParser().parseFromString(text, "text/html");
    var fresh = copy.getElementById("main");
    if (!fresh || !fresh.hasAttribute("data-live")) {
      return;
    }
    held = copy;
    apply(false);
    var rail = document.querySelector(".rail__list");
    if (rail && copy.querySelector(".rail__list")) {
      window.leadcrmReconcile(rail, copy.querySelector(".rail__list"), { force: false, words: {} });
    }
  }

  function apply(isForced) {
    var copy = held.getElementById("main");
    var counts = window.leadcrmReconcile(main, copy, { force: isForced, words: { gone: words.wordsGone } });
    isPartial = counts.fresh + counts.other + counts.skipped > 0;
    show(counts);
  }

  function show(counts) {
    var n = counts.fresh + counts.other;
    waiting.hidden = !n;
    if (n) {
      var word = counts.fresh ? words.wordsNew : words.wordsChanged;
      var label = word.replace("{n}", counts.fresh || counts.other) + " — " + words.wordsPress + " ";
      waiting.firstChild.nodeValue = label;
    }
  }

  waiting.addEventListener("focus", function (event) {
    before = event.relatedTarget;
  });

  waiting.addEventListener("click", function () {
    var row = document.activeElement === waiting ? before : document.activeElement;
    if (held) {
      apply(true);
    }
    var isThere = row && row !== document.body && row.isConnected;
    (isThere ? row : main.querySelector(".leads__open") || main).focus();
  });

  // A row that has just left says who moved it where, when the reader may be told.
  document.addEventListener("leadcrm:gone", function (event) {
    var ghosts = event.detail;
    var asked = new URLSearchParams(ghosts.map(function (each) { return ["lead", each.dataset.lead]; }));
    fetch("/queue/moved-on/?" + asked, { headers: { "X-Leadcrm-Poll": "1" }, redirect: "manual" })
      .then(function (answer) { return answer.ok ? answer.json() : {}; })
      .then(function (told) {
        ghosts.forEach(function (each) {
          if (told[each.dataset.lead]) {
            each.cells[0].textContent = told[each.dataset.lead];
          }
        });
      })
      .catch(function () {}); // without an answer the line stays as it is
  });

  /* Pokes. */

  function concerns(ids) {
    var own = /^\/leads\/([0-9a-f-]{36})\//.exec(location.pathname);
    if (!own || !ids) {
      return isLivePage;
    }
    var person = main.querySelector('a[href^="/people/"]');
    var mark = person ? person.getAttribute("href").split("/")[2] : "";
    return ids.indexOf(own[1]) >= 0 || ids.indexOf(mark) >= 0;
  }

  function hear(kind, data) {
    if (kind === "lost") {
      lose();
    } else if (kind === "present") {
      document.dispatchEvent(new CustomEvent("leadcrm:present", { detail: data.ids }));
    } else if (kind === "bye") {
      lose();
      want();
    } else {
      lastBeat = Date.now();
      var isBack = phase === "lost" || phase === "polling";
      phase = "live";
      if (isBack || (kind === "hello" && data.work > Number(words.made)) || (kind === "poke" && concerns(data.ids))) {
        want();
      }
    }
    draw();
  }

  function lose() {
    if (phase === "live" || phase === "starting") {
      phase = "lost";
      lostAt = Date.now();
    }
  }

  function tell(kind, data) {
    hear(kind, data);
    if (channel) {
      channel.postMessage({ kind: kind, data: data });
    }
  }

  function open() {
    if (source) {
      source.close();
    }
    source = new EventSource(words.stream, { withCredentials: true });
    source.addEventListener("beat", function () { tell("beat", null); });
    source.addEventListener("hello", function (event) { tell("hello", JSON.parse(event.data)); });
    source.addEventListener("poke", function (event) { tell("poke", JSON.parse(event.data)); });
    source.addEventListener("present", function (event) { tell("present", JSON.parse(event.data)); });
    source.addEventListener("bye", function () { tell("bye", null); });
    source.addEventListener("error", function () {
      source.close();
      source = null;
      tell("lost", null);
      setTimeout(open, AGAIN_MS + Math.random() * AGAIN_MS);
    });
  }

  function lead() {
    open();
    return new Promise(function () {}); // held until this tab goes
  }

  /* Every second: has anything gone quiet? */

  function watch() {
    var now = Date.now();
    if (words.stream && now - lastBeat > BEAT_LOST_MS) {
      lose();
      if (source && source.readyState === EventSource.OPEN) {
        lastBeat = now;
        open(); // it says open and is silent
      }
    }
    var isFirst = phase === "lost" && now - lostAt > BEAT_LOST_MS && lastPoll < lostAt + BEAT_LOST_MS;
    var isDue = phase !== "live" && phase !== "starting" && now - lastPoll > POLL_MS;
    if (now - lastTry > OFFLINE_MS && (isOffline || isFirst || isDue)) {
      want();
    }
    var turn = main.querySelector("[data-live-at]");
    if (turn && turn.dataset.liveAt !== turned && now + skew >= Date.parse(turn.dataset.liveAt)) {
      turned = turn.dataset.liveAt; // quiet hours began or ended
      want();
    }
    if (isPartial && held && !isPolling) {
      apply(false); // the hand may have left what waits
    }
    draw();
  }

  window.addEventListener("offline", function () { isOffline = true; brokenAt = Date.now(); draw(); });
  window.addEventListener("online", function () { isOffline = false; want(); draw(); });
  document.addEventListener("visibilitychange", function () {
    if (!document.hidden && (isWanted || phase !== "live")) {
      want();
    }
  });
  window.addEventListener("pagehide", function () {
    if (source) {
      source.close();
    }
  });
  // A part that was fetched for this very page stays what the page asks for (a filter of the timeline).
  document.addEventListener("htmx:afterSwap", function (event) {
    var path = event.detail && event.detail.pathInfo && event.detail.pathInfo.requestPath;
    if (path && new URL(path, location.href).pathname === location.pathname) {
      address = path;
      tag = "";
    }
  });

  if (channel) {
    channel.addEventListener("message", function (event) { hear(event.data.kind, event.data.data); });
  }
  if (words.stream && navigator.locks && channel) {
    navigator.locks.request("leadcrm-live", lead);
  } else if (words.stream) {
    open();
  }
  setInterval(watch, 1000);
  draw();
})();
