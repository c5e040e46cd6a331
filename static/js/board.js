// The board re-reads itself every 5 seconds; not while somebody looks into a table or is about to press a link of it.
document.addEventListener("htmx:beforeRequest", (event) => {
  const board = document.getElementById("board");
  if (!board || event.target !== board) return;
  const holdsFocus = board.contains(document.activeElement) && document.activeElement.matches("a, button, summary");
  if (holdsFocus || board.querySelector("details[open]")) event.preventDefault();
});
