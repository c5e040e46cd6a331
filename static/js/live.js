/* The queue re-reads itself, but never under the hand: not while the list holds the pointer or the focus. */
(function () {
  "use strict";

  var live = document.getElementById("live");

  function say(text, isLive) {
    live.querySelector(".live__word").textContent = text;
    live.classList.toggle("live--on", isLive);
  }

  function clockTime() {
    return new Date().toTimeString().slice(0, 8);
  }

  document.addEventListener("htmx:beforeRequest", function (event) {
    var list = event.target;
    if (list.id === "list" && (list.matches(":hover") || list.contains(document.activeElement))) {
      event.preventDefault();
    }
  });

  document.addEventListener("htmx:beforeSwap", function (event) {
    if (event.target.id === "list" && !event.detail.xhr.responseText.includes('id="list"')) {
      event.detail.shouldSwap = false;
      window.location.reload();
    }
  });

  document.addEventListener("htmx:afterSwap", function () {
    say(live.dataset.wordsLive.replace("{time}", clockTime()), true);
  });

  ["htmx:sendError", "htmx:responseError", "htmx:timeout"].forEach(function (name) {
    document.addEventListener(name, function () {
      say(live.dataset.wordsLost, false);
    });
  });
})();
