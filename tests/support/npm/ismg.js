#!/usr/bin/env node
'use strict';
// A CMPP 2.0 / 3.0 gateway (ISMG), written from the protocol's text by somebody else than the daemon's side. Loopback only.
//
//   NODE_PATH=DIR/node_modules tests/support/npm/ismg.js [--port N] [--ctl-port N] [--sp-id 900001] [--secret 888888] [--log FILE]
//
// Prints {"ready":true,"cmpp_port":N,"ctl_port":M,"pid":P}; ends with SIGTERM or POST /quit. Control calls:
//
//   POST /mo {"from","to","text","fmt":0|8|15,"order","ref"}   sends DELIVER, answers {"results":[{"result","sent"}]}
//   GET, DELETE /mt             the SUBMITs that were taken
//   POST /config {...}          what stands in `cfg`, below
//   POST /raw {"hex"}, /active, /terminate, /drop, /quit; GET /status, /events
const net = require('net'); const http = require('http'); const fs = require('fs'); const crypto = require('crypto');
const gsm7 = require('./gsm7');
let iconv = null; try { iconv = require('iconv-lite'); } catch (e) { /* GBK off without it */ }
const A = { host: '127.0.0.1', port: process.env.ISMG_PORT || '0', ctl_port: process.env.ISMG_CTL_PORT || '0', sp_id: process.env.ISMG_SP_ID || '900001', secret: process.env.ISMG_SECRET || '888888', log: process.env.ISMG_LOG || '' };
for (let i = 2; i < process.argv.length; i += 2) { const k = process.argv[i].replace(/^--/, '').replace(/-/g, '_'); if (!(k in A)) { console.error('unknown option ' + process.argv[i]); process.exit(2); } A[k] = process.argv[i + 1]; }
const cfg = {
  resend_ms: 60000, resend_n: 3,          // T and N of the protocol text; lower them in tests
  answer_active: true, drop_submit_resp: 0,
  submit_result: 0, submit_result_queue: [], throttle_per_s: 0,
  report: 'requested', report_stat: 'DELIVRD', report_queue: [], report_delay_ms: 50, report_repeat: 1, report_before_resp: false,
  max_version: 0x30,
};
const out = A.log ? fs.createWriteStream(A.log, { flags: 'a' }) : null;
let events = []; let mts = []; let conns = []; let seq = 1; let counter = 0; let sec = 0; let secN = 0;
const stats = { connects: 0, mo_sent: 0, mo_acked: 0, mo_resent: 0, mt: 0, mt_rejected: 0, reports: 0, active_in: 0 };
const ev = (type, o) => { const e = Object.assign({ t: Date.now(), type }, o); events.push(e); if (events.length > 20000) events.splice(0, 10000); if (out) out.write(JSON.stringify(e) + '\n'); };
const C = { CONNECT: 1, TERMINATE: 2, SUBMIT: 4, DELIVER: 5, QUERY: 6, CANCEL: 7, ACTIVE: 8 };
const fix = (s, n) => { const b = Buffer.alloc(n); Buffer.from(String(s || ''), 'latin1').copy(b, 0, 0, n); return b; };
const str = (b) => { const z = b.indexOf(0); return b.subarray(0, z < 0 ? b.length : z).toString('latin1'); };
const u32 = (n) => { const b = Buffer.alloc(4); b.writeUInt32BE(n >>> 0); return b; };
const md5 = (b) => crypto.createHash('md5').update(b).digest();
function msgId() {                                     // MMDDHHMMSS bits | gateway code | counter
  const d = new Date(); counter = (counter + 1) & 0xffff;
  const v = (BigInt(d.getMonth() + 1) << 60n) | (BigInt(d.getDate()) << 55n) | (BigInt(d.getHours()) << 50n) | (BigInt(d.getMinutes()) << 44n) | (BigInt(d.getSeconds()) << 38n) | (BigInt(1234) << 16n) | BigInt(counter);
  const b = Buffer.alloc(8); b.writeBigUInt64BE(v); return b;
}
function pkt(cmd, s, body) { const b = body || Buffer.alloc(0); return Buffer.concat([u32(12 + b.length), u32(cmd), u32(s), b]); }
function stamp() { const p = (n) => String(n).padStart(2, '0'); const d = new Date(); return p(d.getFullYear() % 100) + p(d.getMonth() + 1) + p(d.getDate()) + p(d.getHours()) + p(d.getMinutes()); }
const decode = (fmt, b) => (fmt === 8 ? gsm7.ucs2decode(b) : fmt === 15 ? (iconv ? iconv.decode(b, 'gbk') : null) : fmt === 0 ? b.toString('latin1') : null);
function target() { const l = conns.filter((c) => c.up); return l.length ? l[(target.i = ((target.i || 0) + 1) % l.length)] : null; }

const srv = net.createServer((s) => {
  const c = { s, up: false, v: 0x20, id: (srv.n = (srv.n || 0) + 1), wait: new Map() };
  conns.push(c); ev('open', { c: c.id }); let buf = Buffer.alloc(0);
  s.on('error', () => {}); s.on('close', () => { conns = conns.filter((x) => x !== c); for (const w of c.wait.values()) clearTimeout(w.timer); ev('close', { c: c.id }); });
  s.on('data', (d) => {
    buf = Buffer.concat([buf, d]);
    while (buf.length >= 4) {
      const len = buf.readUInt32BE(0);
      if (len < 12 || len > 4096) { ev('bad_length', { c: c.id, len }); return s.destroy(); }
      if (buf.length < len) return;
      const p = buf.subarray(0, len); buf = buf.subarray(len);
      try { handle(c, p.readUInt32BE(4), p.readUInt32BE(8), p.subarray(12)); } catch (e) { ev('bad_packet', { c: c.id, error: e.message }); return s.destroy(); }
    }
  });
});
function handle(c, cmd, sq, b) {
  const s = c.s;
  if (cmd === C.CONNECT) {
    const auth = b.subarray(6, 22); const v = b[22]; const ts = String(b.readUInt32BE(23)).padStart(10, '0');
    const want = md5(Buffer.concat([fix(A.sp_id, 6), Buffer.alloc(9), Buffer.from(A.secret), Buffer.from(ts)]));
    let st = 0;
    if (str(b.subarray(0, 6)) !== A.sp_id) st = 2; else if (!want.equals(auth)) st = 3; else if (v > cfg.max_version) st = 4;
    c.v = v >= 0x30 ? 0x30 : v; const three = c.v >= 0x30;
    const stb = three ? u32(st) : Buffer.from([st]);
    s.write(pkt(0x80000001, sq, Buffer.concat([stb, st ? Buffer.alloc(16) : md5(Buffer.concat([stb, auth, Buffer.from(A.secret)])), Buffer.from([cfg.max_version])])));
    ev('connect', { c: c.id, version: v, status: st, ts });
    if (st) return setTimeout(() => s.end(), 50);
    c.up = true; stats.connects++; return undefined;
  }
  if (!c.up) { ev('not_connected', { c: c.id, cmd }); return s.destroy(); }
  if (cmd === C.ACTIVE) { stats.active_in++; if (cfg.answer_active) s.write(pkt(0x80000008, sq, Buffer.alloc(1))); return undefined; }
  if (cmd === C.TERMINATE) { s.write(pkt(0x80000002, sq)); c.up = false; ev('terminate', { c: c.id }); return setTimeout(() => s.end(), 20); }
  if (cmd === 0x80000005) { const w = c.wait.get(sq); if (w) { clearTimeout(w.timer); c.wait.delete(sq); stats.mo_acked++; const res = c.v >= 0x30 ? b.readUInt32BE(8) : b[8]; w.done({ result: res, sent: w.n, msg_id: b.subarray(0, 8).toString('hex') }); } return undefined; }
  if (cmd === 0x80000008 || cmd === 0x80000002) return undefined;
  if (cmd === C.SUBMIT) return submit(c, sq, b);
  ev('unknown', { c: c.id, cmd }); return undefined;
}
function submit(c, sq, b) {
  const t = c.v >= 0x30; const n = t ? 32 : 21; let p = 8; const m = { t: Date.now(), seq: sq, version: c.v };
  m.pk_total = b[p++]; m.pk_number = b[p++]; m.registered = b[p++]; p++; m.service_id = str(b.subarray(p, p += 10)); m.fee_usertype = b[p++];
  m.fee_terminal = str(b.subarray(p, p += n)); if (t) p++; m.tp_pid = b[p++]; m.tp_udhi = b[p++]; m.fmt = b[p++]; m.msg_src = str(b.subarray(p, p += 6));
  m.fee_type = str(b.subarray(p, p += 2)); m.fee_code = str(b.subarray(p, p += 6)); p += 34; m.from = str(b.subarray(p, p += 21)); const k = b[p++];
  m.to = []; for (let i = 0; i < k; i++) m.to.push(str(b.subarray(p, p += n))); if (t) p++;
  const len = b[p++]; const body = b.subarray(p, p + len); m.content_hex = body.toString('hex');
  if (body.length !== len) throw new Error('content shorter than Msg_Length');
  const ul = m.tp_udhi ? body[0] + 1 : 0; m.udh = m.tp_udhi ? body.subarray(0, ul).toString('hex') : ''; m.text = decode(m.fmt, body.subarray(ul));
  const id = msgId(); m.msg_id = id.toString('hex');
  const now = Math.floor(Date.now() / 1000); if (now !== sec) { sec = now; secN = 0; } secN++;
  let r = cfg.submit_result_queue.length ? Number(cfg.submit_result_queue.shift()) : Number(cfg.submit_result);
  if (!r && cfg.throttle_per_s && secN > cfg.throttle_per_s) r = 8;
  if (r) stats.mt_rejected++; else { stats.mt++; mts.push(m); }
  ev(r ? 'mt_rejected' : 'mt', Object.assign({ result: r }, m));
  const stat = cfg.report_queue.length ? cfg.report_queue.shift() : cfg.report_stat;
  const rep = () => { if (!r && (cfg.report === 'always' || (cfg.report === 'requested' && m.registered === 1))) for (let i = 0; i < Number(cfg.report_repeat); i++) report(id, stat, m); };
  if (cfg.report_before_resp) rep();
  if (cfg.drop_submit_resp > 0) { cfg.drop_submit_resp--; ev('resp_dropped', { msg_id: m.msg_id }); } else c.s.write(pkt(0x80000004, sq, Buffer.concat([id, t ? u32(r) : Buffer.from([r])])));
  if (!cfg.report_before_resp) setTimeout(rep, Number(cfg.report_delay_ms));
}
function deliverBody(c, o) {
  const t = c.v >= 0x30; const n = t ? 32 : 21;
  return Buffer.concat([o.id, fix(o.to, 21), fix(o.service_id, 10), Buffer.from([o.pid || 0, o.udhi ? 1 : 0, o.fmt]), fix(o.from, n), t ? Buffer.from([o.from_type || 0]) : Buffer.alloc(0),
    Buffer.from([o.is_report ? 1 : 0, o.content.length]), o.content, t ? fix(o.linkid, 20) : Buffer.alloc(8)]);
}
function send(c, body, done) {
  const s = seq++; const w = { n: 0, done, timer: null }; c.wait.set(s, w);
  const go = () => {
    if (c.s.destroyed) return done({ error: 'closed', sent: w.n });
    if (w.n >= Number(cfg.resend_n)) { c.wait.delete(s); return done({ error: 'no DELIVER_RESP', sent: w.n }); }
    if (w.n++) stats.mo_resent++;
    c.s.write(pkt(C.DELIVER, s, body)); w.timer = setTimeout(go, Number(cfg.resend_ms)); return undefined;
  };
  go();
}
function report(id, stat, m) {
  const c = target(); if (!c) return; const n = c.v >= 0x30 ? 32 : 21;
  const content = Buffer.concat([id, fix(stat, 7), fix(stamp(), 10), fix(stamp(), 10), fix(m.to[0], n), u32(++counter)]);
  stats.reports++; send(c, deliverBody(c, { id: msgId(), to: m.from, from: m.to[0], fmt: 0, is_report: true, content }), (r) => ev('report_resp', Object.assign({ msg_id: m.msg_id, stat }, r)));
}
function mo(o, done) {
  const c = target(); if (!c) return done([{ error: 'no connected SP' }]);
  const fmt = o.fmt === undefined ? (/^[\x00-\x7f]*$/.test(o.text || '') ? 0 : 8) : Number(o.fmt);
  let chunks;
  if (o.hex !== undefined) chunks = [Buffer.from(o.hex, 'hex')];
  else if (fmt === 8) chunks = gsm7.split(o.text, 'ucs2');
  else { const all = fmt === 15 ? iconv.encode(o.text, 'gbk') : Buffer.from(o.text, 'latin1'); chunks = []; const lim = fmt === 0 ? 159 : 140; const per = fmt === 0 ? 153 : 134; if (all.length <= lim) chunks = [all]; else for (let i = 0; i < all.length; i += per) chunks.push(all.subarray(i, i + per)); }
  const ref = o.ref === undefined ? Math.floor(Math.random() * 256) : o.ref; const total = o.total || chunks.length;
  let list = chunks.map((x, i) => ({ id: msgId(), to: o.to, from: o.from, from_type: o.from_type, fmt, service_id: o.service_id, linkid: o.linkid, udhi: chunks.length > 1 || !!o.udh, content: o.udh ? Buffer.concat([Buffer.from(o.udh, 'hex'), x]) : chunks.length > 1 ? Buffer.concat([Buffer.from([5, 0, 3, ref, total, i + 1]), x]) : x }));
  if (o.order) list = o.order.map((n) => { if (!list[n - 1]) throw new Error('no part ' + n); return list[n - 1]; });
  const res = []; let k = 0; const step = () => { if (k >= list.length) return; const i = k++; stats.mo_sent++; send(c, deliverBody(c, list[i]), (r) => { res.push(r); if (res.length === list.length) done(res); }); if (k < list.length) setTimeout(step, Number(o.interval_ms || 0)); }; step();
}
const ctl = http.createServer((q, r) => {
  const ch = []; q.on('data', (x) => ch.push(x)); q.on('end', () => {
    const js = (o, st) => { r.writeHead(st || 200, { 'Content-Type': 'application/json' }); r.end(JSON.stringify(o)); };
    let o = {}; try { const b = Buffer.concat(ch).toString(); if (b) o = JSON.parse(b); } catch (e) { return js({ error: 'bad JSON' }, 400); }
    try {
      switch (q.method + ' ' + q.url) {
        case 'GET /status': return js({ connections: conns.map((c) => ({ c: c.id, up: c.up, version: c.v })), stats, cfg });
        case 'GET /mt': return js(mts); case 'DELETE /mt': mts = []; return js({ ok: true });
        case 'GET /events': return js(events);
        case 'POST /config': for (const x of Object.keys(o)) if (!(x in cfg)) return js({ error: 'no such setting ' + x }, 400); Object.assign(cfg, o); return js(cfg);
        case 'POST /mo': return mo(o, (x) => js({ results: x }));
        case 'POST /raw': { const b = Buffer.from(o.hex, 'hex'); for (const c of conns) c.s.write(b); return js({ ok: true, connections: conns.length }); }
        case 'POST /active': { const c = target(); if (!c) return js({ error: 'no SP' }, 409); c.s.write(pkt(C.ACTIVE, seq++)); return js({ ok: true }); }
        case 'POST /terminate': { for (const c of conns) c.s.write(pkt(C.TERMINATE, seq++)); return js({ ok: true }); }
        case 'POST /drop': { for (const c of conns) c.s.destroy(); return js({ ok: true }); }
        case 'POST /quit': js({ ok: true }); return stop();
        default: return js({ error: 'no such call' }, 404);
      }
    } catch (e) { return js({ error: e.message }, 400); }
  });
});
function stop() { for (const c of conns) c.s.destroy(); srv.close(); ctl.close(); setTimeout(() => process.exit(0), 150); }
process.on('SIGTERM', stop); process.on('SIGINT', stop);
for (const [x, n] of [[srv, 'cmpp'], [ctl, 'control']]) x.on('error', (e) => { console.error('ismg: ' + n + ': ' + e.message); process.exit(1); });
srv.listen(Number(A.port), A.host, () => ctl.listen(Number(A.ctl_port), A.host, () => console.log(JSON.stringify({ ready: true, cmpp_port: srv.address().port, ctl_port: ctl.address().port, pid: process.pid }))));
