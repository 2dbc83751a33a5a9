/*
 * The pages of a report, where scripts are on: how far the files are. What was
 * typed is kept nowhere but in the page. Where this fails the form is sent as
 * without scripts: same fields, same nonce, so that it stays one tip. Plain ES5.
 */
(function (window, document) {
	"use strict";

	var form = document.getElementById("tip");
	var file = document.getElementById("file");
	var box = document.getElementById("progress");

	function chosen() {
		return file && file.files && file.files.length > 0;
	}

	function show(page) {
		document.open();
		document.write(page);
		document.close();
	}

	function send() {
		var request = new window.XMLHttpRequest();
		var bar = document.getElementById("progress-bar"), share = document.getElementById("progress-share");
		var button = form.querySelector("button.main");

		function natively() {
			box.hidden = true;
			form.submit();
		}

		request.open("POST", form.action);
		request.setRequestHeader("Accept", "text/html");
		request.upload.onprogress = function (event) {
			var percent = event.lengthComputable ? Math.floor(100 * event.loaded / event.total) : 0;

			bar.value = percent;
			share.textContent = percent + " %";
		};
		request.onload = function () { show(request.responseText); };
		request.onerror = natively;
		request.send(new window.FormData(form));
		box.hidden = false;
		button.disabled = true;
	}

	if (form && box && window.FormData && window.XMLHttpRequest)
		form.addEventListener("submit", function (event) {
			if (event.defaultPrevented || !chosen())
				return;
			event.preventDefault();
			send();
		});
})(window, document);
