/* The open page holds its lead: every two minutes the lease is renewed; when it is lost, the page says so. */
(function () {
  "use strict";

  var EVERY_MS = 120000;
  var lease = document.getElementById("lease");
  if (!lease || !lease.dataset.renew) {
    return;
  }
  var timer = setInterval(renew, EVERY_MS);

  function lost() {
    clearInterval(timer);
    lease.classList.add("lease--lost");
    lease.querySelector(".lease__words span").textContent = lease.dataset.wordsLost;
    document.getElementById("status").textContent = lease.dataset.wordsLost;
  }

  function renew() {
    var token = lease.querySelector("input[name=csrfmiddlewaretoken]").value;
    fetch(lease.dataset.renew, {
      method: "POST",
      headers: { "X-CSRFToken": token, "X-Leadcrm-Poll": "1" },
      redirect: "manual"
    }).then(function (answer) {
      if (answer.status === 409 || answer.status === 403) {
        lost();
      }
    }).catch(function () {
      document.getElementById("status").textContent = document.getElementById("live").dataset.wordsLost;
    });
  }
})();
