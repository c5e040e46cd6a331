/* What is typed into a form of a lead is kept on the server two seconds after the last key and when a field is left.
   Before the form is sent the session is asked for: when it has ended, the page keeps its text, lets the person sign
   in beside it, and saves then. Nothing is put into the browser's storage. */
(function () {
  "use strict";

  var PAUSE_MS = 2000;
  var form = document.querySelector("form[data-draft]");
  var dialog = document.getElementById("sign-in-again");
  if (!form || !dialog) {
    return;
  }
  var state = document.getElementById("draft-state");
  var timer = 0;
  var typedSince = false;
  var sending = false;
  var waiting = null;

  function ask(options) {
    options.headers = { "HX-Request": "true" };
    options.redirect = "manual";
    options.cache = "no-store";
    return fetch(form.dataset.draft, options);
  }

  /* What was typed; documents are no text, and travel with the form alone. */
  function typed() {
    var words = new FormData(form);
    form.querySelectorAll("input[type=file]").forEach(function (input) {
      words.delete(input.name);
    });
    return words;
  }

  function keep() {
    clearTimeout(timer);
    if (!typedSince || sending) {
      return;
    }
    typedSince = false;
    ask({ method: "POST", body: typed() }).then(function (answer) {
      state.textContent = answer.status === 204 ? state.dataset.kept : "";
      typedSince = typedSince || answer.status !== 204;
    }).catch(function () {
      typedSince = true;
      state.textContent = state.dataset.offline;
    });
  }

  function send() {
    sending = true;
    clearTimeout(timer);
    form.requestSubmit(waiting);
  }

  function enter(answer) {
    var isOther = answer.member !== form.dataset.member;
    dialog.querySelector("[data-other]").hidden = !isOther;
    if (isOther) {
      openDialog();
      return;
    }
    document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach(function (input) {
      input.value = answer.token;
    });
    dialog.close();
    send();
  }

  function openDialog() {
    if (!dialog.open) {
      dialog.showModal();
    }
  }

  function check() {
    ask({ method: "GET" }).then(function (answer) {
      if (answer.ok) {
        return answer.json().then(enter);
      }
      if (answer.status === 401) {
        openDialog();
      } else {
        send(); // the form's own answer says what is wrong
      }
    }).catch(function () {
      state.textContent = state.dataset.offline;
    });
  }

  form.addEventListener("input", function () {
    typedSince = true;
    clearTimeout(timer);
    timer = setTimeout(keep, PAUSE_MS);
  });
  form.addEventListener("focusout", keep);
  form.addEventListener("submit", function (event) {
    if (sending) {
      return;
    }
    event.preventDefault();
    waiting = event.submitter;
    check();
  });
  dialog.querySelector("[data-retry]").addEventListener("click", check);
  dialog.querySelector("[data-close]").addEventListener("click", function () {
    dialog.close();
  });
  window.addEventListener("focus", function () {
    if (dialog.open) {
      check();
    }
  });
  window.addEventListener("pagehide", function () {
    if (typedSince && !sending) {
      navigator.sendBeacon(form.dataset.draft, typed());
    }
  });
  window.addEventListener("pageshow", function () {
    sending = false;
  });
})();
