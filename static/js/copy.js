/* Buttons that copy a text of the page. Without script they stay hidden, and the text is selected by hand. */
"use strict";

document.querySelectorAll("[data-copy]").forEach((button) => {
  const text = document.getElementById(button.dataset.copy);
  if (!text || !navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text.textContent.trim());
    const status = document.getElementById("status");
    if (status) status.textContent = button.dataset.copied;
    button.textContent = button.dataset.copied;
  });
});
