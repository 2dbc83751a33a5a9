/*
 * Leaving at once, where scripts are on: the link, or Shift three times within
 * two seconds, replaces this page in the history. Without scripts it is a link.
 * Beside that: the summary of faults takes the focus in browsers that do not
 * know autofocus there, and paper is a button. Plain ES5.
 */
(function (window, document) {
	"use strict";

	var PRESSES = 3, WITHIN_MS = 2000;
	var link = document.getElementById("exit"), summary = document.querySelector(".summary");
	var print = document.getElementById("print");
	var pressed = [];

	function leave() {
		document.documentElement.className += " gone";
		document.title = "\u00a0";
		window.location.replace(link.href);
	}

	if (link) {
		link.addEventListener("click", function (event) {
			event.preventDefault();
			leave();
		});
		document.addEventListener("keydown", function (event) {
			var now = new Date().getTime();

			if (event.repeat)
				return;
			if (event.keyCode !== 16) {
				pressed = [];
				return;
			}
			pressed.push(now);
			if (pressed.length > PRESSES)
				pressed.shift();
			if (pressed.length === PRESSES && now - pressed[0] <= WITHIN_MS)
				leave();
		});
	}
	if (summary && document.activeElement !== summary)
		summary.focus();
	if (print && window.print) {
		print.hidden = false;
		print.addEventListener("click", function () { window.print(); });
	}
})(window, document);
