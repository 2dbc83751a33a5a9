/*
 * The form's proof of work: while somebody writes, the browser looks for the
 * number that the hidden field `challenge` asks for (handlers/intake/proof.h).
 * The same file is the page's script and the worker's. Without Worker it looks
 * in slices; without scripts, or where this fails, the form is taken when it is
 * old enough. Plain ES5: old telephones read it too.
 */
(function (root) {
	"use strict";

	var SLICE = 2000;   /* hashes between two looks at the clock, or two turns of the page */
	var K = new Int32Array([
		0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
		0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
		0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
		0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
		0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
		0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
		0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
		0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
	]);
	var w = new Int32Array(64);

	/* The first 32 bits of SHA-256 of one block that stands in w[0..15]. */
	function first() {
		var a = 0x6a09e667, b = 0xbb67ae85 | 0, c = 0x3c6ef372, d = 0xa54ff53a | 0;
		var e = 0x510e527f, f = 0x9b05688c | 0, g = 0x1f83d9ab, h = 0x5be0cd19;
		var i, x, y, t;

		for (i = 16; i < 64; i++) {
			x = w[i - 15];
			y = w[i - 2];
			w[i] = w[i - 16] + w[i - 7] + ((x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3) +
				((y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10);
		}
		for (i = 0; i < 64; i++) {
			t = h + ((e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7)) +
				(e & f ^ ~e & g) + K[i] + w[i] | 0;
			x = ((a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10)) + (a & b ^ a & c ^ b & c) | 0;
			h = g;
			g = f;
			f = e;
			e = d + t | 0;
			d = c;
			c = b;
			b = a;
			a = t + x | 0;
		}
		return a + 0x6a09e667 | 0;
	}

	function put(text, from) {
		var i;

		for (i = from >> 2; i < 16; i++)
			w[i] = 0;
		for (i = from; i < text.length; i++)
			w[i >> 2] |= text.charCodeAt(i) << 24 - 8 * (i & 3);
		w[text.length >> 2] |= 0x80 << 24 - 8 * (text.length & 3);
		w[15] = 8 * text.length;
	}

	/* Tries the numbers from..to; the one that fits as text, or null. */
	function search(challenge, from, to) {
		var parts = challenge.split("-"), bits = parseInt(parts[2], 16), name = parts[4] + ":";
		var n;

		put(name, 0);
		for (n = from; n < to; n++) {
			put(name + n, 32);
			if (first() >>> 32 - bits === 0)
				return String(n);
		}
		return null;
	}

	if (!root.document) {
		root.onmessage = function (event) {
			var from, found = null;

			for (from = 0; found === null; from += SLICE)
				found = search(event.data, from, from + SLICE);
			root.postMessage(found);
		};
		return;
	}

	function start(form) {
		var document = root.document;
		var challenge = form.elements.challenge, solution = form.elements.solution;
		var wait = document.getElementById("proof-wait");
		var working = document.getElementById("proof-working"), done = document.getElementById("proof-done");
		var over = false, sent = false, worker = null;

		function finish(found) {
			if (over)
				return;
			over = true;
			if (worker)
				worker.terminate();
			solution.value = found;
			wait.hidden = working.hidden = true;
			done.hidden = false;
			if (sent)
				form.submit();
		}

		function slice(from) {
			var found = search(challenge.value, from, from + SLICE);

			if (found !== null)
				finish(found);
			else if (!over)
				root.setTimeout(function () { slice(from + SLICE); }, 4);
		}

		wait.hidden = true;
		working.hidden = false;
		form.addEventListener("submit", function (event) {
			if (over)
				return;
			event.preventDefault();
			sent = true;
		});
		root.setTimeout(function () { finish(""); }, 1000 * Number(wait.getAttribute("data-wait")));
		try {
			worker = new root.Worker("/proof.js");
			worker.onmessage = function (event) { finish(event.data); };
			worker.onerror = function () {
				worker = null;
				slice(0);
			};
			worker.postMessage(challenge.value);
		} catch (e) {
			worker = null;
			slice(0);
		}
	}

	var form = root.document.getElementById("tip");
	if (form && form.elements.challenge && root.Int32Array)
		start(form);
})(self);
