/*
 * The pages of a report, and the files that are added to one, where scripts are on. The check comes into the page of
 * the form, which stays in the memory of this window: going back by any way
 * finds what was typed and the files that were chosen, and closing forgets it.
 * An upload tells how far it is, and what is too large or too many is told before it. Where anything fails the form is sent as
 * without scripts: same fields, same nonce, so that it stays one tip. Plain ES5.
 */
(function (window, document) {
	"use strict";

	var CHECK = "/report/check";
	var able = window.XMLHttpRequest && window.DOMParser && window.FormData && window.history.pushState;
	var kept = null;      /* the form's <main>, while the check stands in its place */
	var file = null;      /* the field with the files chosen so far */
	var pressed = null;   /* the button of this submission */
	var back_to = null;   /* the field to go to, once the form is back */

	function byId(id) {
		return document.getElementById(id);
	}

	function main() {
		return byId("main");
	}

	function put(next) {
		var now = main();

		now.parentNode.replaceChild(next, now);
		window.scrollTo(0, 0);
	}

	/* application/x-www-form-urlencoded, as the browser would send it. */
	function encoded(form) {
		var pairs = [], fields = form.elements, i, field;

		for (i = 0; i < fields.length; i++) {
			field = fields[i];
			if (!field.name || field.tagName === "BUTTON" || (field.type === "radio" && !field.checked))
				continue;
			pairs.push(window.encodeURIComponent(field.name) + "=" +
				window.encodeURIComponent(field.value.replace(/\r?\n/g, "\r\n")));
		}
		return pairs.join("&");
	}

	function page_of(request) {
		var type = request.getResponseHeader("Content-Type") || "";

		return type.indexOf("text/html") === 0 ?
			new window.DOMParser().parseFromString(request.responseText, "text/html") : null;
	}

	function begin_proof() {
		var script = document.createElement("script");

		script.src = "/proof.js";
		main().appendChild(script);
	}

	function show_check(next) {
		var field;

		kept = main();
		put(next);
		field = byId("file");
		if (file && field)
			field.parentNode.replaceChild(file, field);
		files_fit();
		window.history.pushState(null, "", window.location.pathname + window.location.search);
		if (byId("proof-wait"))
			begin_proof();
		next.setAttribute("tabindex", "-1");
		next.focus();
	}

	function show_form(field) {
		file = byId("file") || file;
		put(kept);
		kept = null;
		if (field && byId(field))
			byId(field).focus();
	}

	function ask_check(form) {
		var request = new window.XMLHttpRequest();

		request.open("POST", CHECK);
		request.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
		request.setRequestHeader("Accept", "text/html");
		request.onload = function () {
			var page = page_of(request), next = page && page.getElementById("main");
			var summary;

			if (!next || (request.status !== 200 && request.status !== 400)) {
				form.submit();
				return;
			}
			next = document.importNode(next, true);
			if (request.status === 200) {
				show_check(next);
				return;
			}
			put(next);
			summary = document.querySelector(".summary");
			if (summary)
				summary.focus();
		};
		request.onerror = function () { form.submit(); };
		request.send(encoded(form));
	}

	function send(form) {
		var request = new window.XMLHttpRequest();
		var bar = byId("progress-bar"), share = byId("progress-share"), box = byId("progress");
		var button = form.querySelector("button.main");

		request.open("POST", form.action);
		request.setRequestHeader("Accept", "text/html");
		request.upload.onprogress = function (event) {
			var percent = event.lengthComputable ? Math.floor(100 * event.loaded / event.total) : 0;

			bar.value = percent;
			share.textContent = percent + " %";
		};
		request.onload = function () {
			var answer = request.responseText;

			document.open();
			document.write(answer);
			document.close();
		};
		request.onerror = function () {
			box.hidden = true;
			form.submit();
		};
		request.send(new window.FormData(form));
		box.hidden = false;
		button.disabled = true;
	}

	/* What would be refused behind a long upload is told before it. */
	function files_fit() {
		var field = byId("file"), large = byId("file-large"), many = byId("file-many"), i;

		if (!field || !field.files || !large || !many)
			return true;
		large.hidden = true;
		for (i = 0; i < field.files.length; i++)
			if (field.files[i].size > Number(field.getAttribute("data-each")))
				large.hidden = false;
		many.hidden = field.files.length <= Number(field.getAttribute("data-most"));
		return large.hidden && many.hidden;
	}

	function submitted(event) {
		var form = event.target, by = pressed;

		pressed = null;
		if (event.defaultPrevented || form.id !== "tip" && form.id !== "back" && form.id !== "add" || (by && by.getAttribute("name")))
			return;
		if (form.id === "back") {
			if (!kept)
				return;
			event.preventDefault();
			file = byId("file") || file;
			back_to = by && by.getAttribute("formaction") ? by.getAttribute("formaction").split("#")[1] : "text";
			window.history.back();
		} else if (form.getAttribute("action") === CHECK) {
			event.preventDefault();
			ask_check(form);
		} else if (!files_fit()) {
			event.preventDefault();
			byId("file").focus();
		} else if (byId("file") && byId("file").files.length > 0) {
			event.preventDefault();
			send(form);
		}
	}

	/* Another language or size: a link would open the page empty, so that what was typed goes along in a form. */
	function turned(event) {
		var link = event.target, form = byId("back") || byId("tip"), wanted, size;

		if (link.tagName !== "A" || !link.parentNode || link.parentNode.className !== "switches" || !form)
			return;
		event.preventDefault();
		wanted = /[?&]lang=([\w-]+)(&size=large)?/.exec(link.getAttribute("href"));
		form.elements.lang.value = wanted[1];
		size = form.querySelector("input[name=size]");
		if (size)
			form.removeChild(size);
		if (wanted[2]) {
			size = document.createElement("input");
			size.type = "hidden";
			size.name = "size";
			size.value = "large";
			form.appendChild(size);
		}
		form.action = form.id === "back" ? CHECK : "/report";
		form.submit();
	}

	if (!able || !byId("tip") && !byId("add"))
		return;
	document.addEventListener("click", function (event) {
		pressed = event.target.tagName === "BUTTON" ? event.target :
			event.target.parentNode && event.target.parentNode.tagName === "BUTTON" ? event.target.parentNode : null;
	}, true);
	/* In the window: what the page's other script has stopped comes here stopped. */
	window.addEventListener("submit", submitted);
	document.addEventListener("click", turned);
	document.addEventListener("change", function (event) {
		if (event.target.id === "file")
			files_fit();
	});
	window.addEventListener("popstate", function () {
		var field = back_to;

		back_to = null;
		if (kept)
			show_form(field);
	});
})(window, document);
