#!/usr/bin/env node
'use strict';
// An SMSC on node-smpp (npm "smpp"), that is to say on PDUs nobody of Tipline has written. Loopback only.
//
//   NODE_PATH=DIR/node_modules tests/support/npm/smsc.js [--port N] [--ctl-port N] [--system-id tip] [--password secret]
//        [--log FILE] [--tls-key PEM --tls-cert PEM]
//
// Prints {"ready":true,"smpp_port":N,"ctl_port":M,"pid":P} when both listen; ends with SIGTERM or POST /quit. Control calls:
//
//   POST /mo {"from","to","text"}   sends deliver_sm, answers {"results":[{"part","status"}]}. Also "encoding": gsm7, ucs2, latin1
//                                   (or "hex" and "data_coding"), "concat": udh8, udh16, sar, payload, none, "ref", "total",
//                                   "order" (from 1, may repeat and leave out), "interval_ms", "udh", "esm_class", "protocol_id"
//   POST /flood {"count","window"}  so many messages, so many of them open
//   GET, DELETE /mt                 the submit_sm that were taken
//   POST /config {...}              what stands in `cfg`, below
//   POST /raw {"hex","chunk","gap_ms","bound_only"}   octets to the sessions, as they are
//   POST /enquire, /unbind, /drop, /quit; GET /status, /events
const http = require('http');
const fs = require('fs');
const gsm7 = require('./gsm7');
let smpp;
try { smpp = require('smpp'); } catch (e) {
  console.error('smsc: npm package "smpp" not found; set NODE_PATH');
  process.exit(2);
}
// Raw octets in and out: node-smpp's own text filters lose information
// (they label GSM text as data_coding 1, and decode escapes their own way).
for (const c of Object.keys(smpp.commands)) {
  const p = smpp.commands[c].params || {};
  if (p.short_message) p.short_message.filter = undefined;
}
if (smpp.tlvs.message_payload) smpp.tlvs.message_payload.filter = undefined;

function args(defs) {
  const a = Object.assign({}, defs);
  const v = process.argv.slice(2);
  for (let i = 0; i < v.length; i++) {
    const k = v[i].replace(/^--/, '').replace(/-/g, '_');
    if (!(k in a)) { console.error('unknown option ' + v[i]); process.exit(2); }
    if (typeof a[k] === 'boolean') a[k] = true; else a[k] = v[++i];
  }
  return a;
}
const A = args({
  host: '127.0.0.1', port: process.env.SMSC_PORT || '0', ctl_port: process.env.SMSC_CTL_PORT || '0',
  system_id: process.env.SMSC_USER || 'tip', password: process.env.SMSC_PASS || 'secret',
  log: process.env.SMSC_LOG || '', tls_key: '', tls_cert: '',
});
const cfg = {
  bind_status: 0,            // answer every bind with this status
  submit_status: 0,          // answer every submit_sm with this status
  submit_status_queue: [],   // one entry used per submit_sm, then submit_status
  submit_delay_ms: 0,        // wait before submit_sm_resp
  drop_submit_resp: 0,       // swallow this many submit_sm_resp (message IS accepted)
  throttle_per_s: 0,         // >0: above it answer 0x58 ESME_RTHROTTLED
  max_window: 0,             // >0: more unanswered submits than this -> 0x14 ESME_RMSGQFUL
  answer_enquire_link: true,
  answer_unbind: true,
  id_format: 'dec',          // message_id in submit_sm_resp: dec | hex | uuid
  dlr: 'requested',          // requested | always | never
  dlr_stat: 'DELIVRD', dlr_err: '000', dlr_delay_ms: 50,
  dlr_queue: [],             // e.g. ["DELIVRD","UNDELIV"], one per message, then dlr_stat
  dlr_intermediate: [],      // e.g. ["ENROUTE","ACCEPTD"] sent before the final one
  dlr_before_resp: false,    // receipt overtakes submit_sm_resp
  dlr_repeat: 1,             // 2 = each receipt twice
  dlr_id_format: 'same',     // same | dec2hex | hex2dec | upper | padded
  dlr_tlv: true,             // add receipted_message_id + message_state
  dlr_tlv_only: false,       // empty short_message, TLVs only
  dlr_text: '',              // template, %id %stat %err %sub %done
};
let sessions = []; let mts = []; let events = []; let nextId = 1000000;
let stats = { binds: 0, mo_sent: 0, mo_acked: 0, mo_nacked: 0, mt: 0, mt_rejected: 0, dlr_sent: 0, dlr_acked: 0, enquire_in: 0 };
let open = 0; let winSec = 0; let winCount = 0;
const out = A.log ? fs.createWriteStream(A.log, { flags: 'a' }) : null;
function ev(type, o) {
  const e = Object.assign({ t: Date.now(), type }, o);
  events.push(e); if (events.length > 20000) events.splice(0, 10000);
  if (out) out.write(JSON.stringify(e) + '\n');
}
const latin = (v) => (Buffer.isBuffer(v) ? v : Buffer.from(v || '', 'latin1'));

function udhInfo(buf) {
  const r = { udhl: buf.length ? buf[0] : 0, ies: [] };
  let i = 1; const end = Math.min(buf.length, 1 + r.udhl);
  while (i + 1 < end) {
    const id = buf[i]; const len = buf[i + 1];
    const d = buf.subarray(i + 2, i + 2 + len);
    r.ies.push({ id, hex: d.toString('hex') });
    if (id === 0x00 && len === 3) r.concat = { ref: d[0], total: d[1], part: d[2] };
    if (id === 0x08 && len === 4) r.concat = { ref: d.readUInt16BE(0), total: d[2], part: d[3] };
    i += 2 + len;
  }
  return r;
}
function textOf(dc, buf) {
  if (dc === 8) return gsm7.ucs2decode(buf);
  if (dc === 0) return gsm7.decode(buf);
  if (dc === 1 || dc === 3) return buf.toString('latin1');
  return null;
}
function newId() {
  const n = nextId++;
  if (cfg.id_format === 'hex') return n.toString(16).toUpperCase();
  if (cfg.id_format === 'uuid') return require('crypto').randomUUID();
  return String(n);
}
function dlrId(id) {
  switch (cfg.dlr_id_format) {
    case 'dec2hex': return /^\d+$/.test(id) ? Number(id).toString(16) : id;
    case 'hex2dec': return /^[0-9a-fA-F]+$/.test(id) ? String(parseInt(id, 16)) : id;
    case 'upper': return id.toUpperCase();
    case 'padded': return id.padStart(10, '0');
    default: return id;
  }
}
const STATE = { ENROUTE: 1, DELIVRD: 2, EXPIRED: 3, DELETED: 4, UNDELIV: 5, ACCEPTD: 6, UNKNOWN: 7, REJECTD: 8 };
function ts(d) {
  const p = (n) => String(n).padStart(2, '0');
  return p(d.getUTCFullYear() % 100) + p(d.getUTCMonth() + 1) + p(d.getUTCDate()) + p(d.getUTCHours()) + p(d.getUTCMinutes());
}
function sendDlr(m, stat) {
  const s = rx();
  if (!s) { ev('dlr_no_session', { id: m.id, stat }); return; }
  const id = dlrId(m.id);
  const now = new Date();
  const tpl = cfg.dlr_text || 'id:%id sub:001 dlvrd:%dl submit date:%sub done date:%done stat:%stat err:%err text:%txt';
  const txt = (m.text || '').slice(0, 20);
  const body = tpl.replace('%id', id).replace('%stat', stat).replace('%err', stat === 'DELIVRD' ? '000' : cfg.dlr_err)
    .replace('%dl', stat === 'DELIVRD' ? '001' : '000').replace('%sub', ts(now)).replace('%done', ts(now)).replace('%txt', txt);
  const p = {
    source_addr_ton: m.dest_ton, source_addr_npi: m.dest_npi, source_addr: m.to,
    dest_addr_ton: m.src_ton, dest_addr_npi: m.src_npi, destination_addr: m.from,
    esm_class: /^(ENROUTE)$/.test(stat) ? 0x20 : 0x04, data_coding: 0,
    short_message: cfg.dlr_tlv_only ? Buffer.alloc(0) : Buffer.from(body, 'latin1'),
  };
  if (cfg.dlr_tlv || cfg.dlr_tlv_only) { p.receipted_message_id = id; p.message_state = STATE[stat] || 7; }
  for (let i = 0; i < Number(cfg.dlr_repeat); i++) {
    stats.dlr_sent++;
    s.deliver_sm(Object.assign({}, p), (r) => { stats.dlr_acked++; ev('dlr_resp', { id, stat, status: r.command_status }); });
  }
  ev('dlr', { id, stat, body });
}
function rx() {                                         // a session that may receive deliver_sm
  const ok = sessions.filter((s) => s.bound && s.mode !== 'transmitter');
  return ok.length ? ok[(rx.i = ((rx.i || 0) + 1) % ok.length)] : null;
}

const tlsOpt = A.tls_key ? { key: fs.readFileSync(A.tls_key), cert: fs.readFileSync(A.tls_cert) } : {};
const server = smpp.createServer(tlsOpt, (s) => {
  s.bound = false; s.mode = ''; s.id = (server.n = (server.n || 0) + 1);
  sessions.push(s);
  ev('connect', { s: s.id });
  s.on('error', (e) => ev('session_error', { s: s.id, error: e.message }));
  s.on('close', () => { sessions = sessions.filter((x) => x !== s); ev('close', { s: s.id }); });
  s.on('enquire_link', (p) => { stats.enquire_in++; if (cfg.answer_enquire_link) s.send(p.response()); });
  s.on('unbind', (p) => { ev('unbind', { s: s.id }); if (cfg.answer_unbind) { s.send(p.response()); s.close(); } });
  s.on('unknown', (p) => { ev('unknown_pdu', { s: s.id, command_id: p.command_id }); s.send(p.response()); });
  for (const mode of ['transceiver', 'receiver', 'transmitter']) {
    s.on('bind_' + mode, (p) => {
      let st = Number(cfg.bind_status);
      if (!st && s.bound) st = smpp.ESME_RALYBND;
      if (!st && p.system_id !== A.system_id) st = smpp.ESME_RINVSYSID;
      if (!st && p.password !== A.password) st = smpp.ESME_RINVPASWD;
      ev('bind', { s: s.id, mode, system_id: p.system_id, system_type: p.system_type, interface_version: p.interface_version, addr_ton: p.addr_ton, addr_npi: p.addr_npi, address_range: p.address_range, status: st });
      if (st) { s.send(p.response({ command_status: st })); return setTimeout(() => s.close(), 50); }
      s.bound = true; s.mode = mode; stats.binds++;
      s.send(p.response({ system_id: 'smsc', sc_interface_version: 0x34 }));
    });
  }
  s.on('submit_sm', (p) => onSubmit(s, p));
  s.on('data_sm', (p) => s.send(p.response({ command_status: smpp.ESME_RINVCMDID })));
});
function onSubmit(s, p) {
  const refuse = (st) => { stats.mt_rejected++; ev('mt_rejected', { seq: p.sequence_number, to: p.destination_addr, status: st }); s.send(p.response({ command_status: st })); };
  if (!s.bound || s.mode === 'receiver') return refuse(smpp.ESME_RINVBNDSTS);
  const sec = Math.floor(Date.now() / 1000);
  if (sec !== winSec) { winSec = sec; winCount = 0; }
  winCount++;
  if (cfg.throttle_per_s > 0 && winCount > cfg.throttle_per_s) return refuse(smpp.ESME_RTHROTTLED);
  if (cfg.max_window > 0 && open >= cfg.max_window) return refuse(smpp.ESME_RMSGQFUL);
  const st = cfg.submit_status_queue.length ? Number(cfg.submit_status_queue.shift()) : Number(cfg.submit_status);
  if (st) return refuse(st);
  const sm = latin(p.short_message); const payload = p.message_payload ? latin(p.message_payload) : null;
  const ud = sm.length ? sm : (payload || Buffer.alloc(0));
  const udhi = !!(p.esm_class & 0x40);
  const udh = udhi ? udhInfo(ud) : null;
  const bodyBuf = udhi ? ud.subarray(1 + udh.udhl) : ud;
  const m = {
    t: Date.now(), id: newId(), seq: p.sequence_number, from: p.source_addr, to: p.destination_addr,
    src_ton: p.source_addr_ton, src_npi: p.source_addr_npi, dest_ton: p.dest_addr_ton, dest_npi: p.dest_addr_npi,
    esm_class: p.esm_class, protocol_id: p.protocol_id, priority_flag: p.priority_flag, data_coding: p.data_coding,
    registered_delivery: p.registered_delivery, service_type: p.service_type,
    validity_period: p.validity_period instanceof Date ? p.validity_period.toISOString() : p.validity_period,
    short_message_hex: sm.toString('hex'), message_payload_hex: payload ? payload.toString('hex') : null,
    udh, text: textOf(p.data_coding, bodyBuf),
    sar: p.sar_msg_ref_num !== undefined ? { ref: p.sar_msg_ref_num, total: p.sar_total_segments, part: p.sar_segment_seqnum } : null,
  };
  stats.mt++; mts.push(m); ev('mt', m); open++;
  const stat = cfg.dlr_queue.length ? cfg.dlr_queue.shift() : cfg.dlr_stat;
  const want = cfg.dlr === 'always' || (cfg.dlr === 'requested' && (m.registered_delivery & 3) === 1) ||
    (cfg.dlr === 'requested' && (m.registered_delivery & 3) === 2 && stat !== 'DELIVRD');
  const doDlr = () => {
    let d = 0;
    for (const i of cfg.dlr_intermediate) setTimeout(() => sendDlr(m, i), (d += Number(cfg.dlr_delay_ms)));
    setTimeout(() => sendDlr(m, stat), (d += Number(cfg.dlr_delay_ms)));
  };
  if (want && cfg.dlr_before_resp) sendDlr(m, stat);
  setTimeout(() => {
    open--;
    if (cfg.drop_submit_resp > 0) { cfg.drop_submit_resp--; ev('resp_dropped', { id: m.id }); return; }
    s.send(p.response({ message_id: m.id }));
    if (want && !cfg.dlr_before_resp) doDlr();
  }, Number(cfg.submit_delay_ms));
}

// ---- mobile originated -------------------------------------------------
function encodeMo(o) {                                  // -> [{buf, dc}]
  const enc = o.encoding || (gsm7.septets(o.text || '') ? 'gsm7' : 'ucs2');
  if (o.hex !== undefined) return { enc: 'binary', dc: o.data_coding === undefined ? 4 : o.data_coding, chunks: [Buffer.from(o.hex, 'hex')] };
  if (enc === 'ucs2') return { enc, dc: 8, chunks: gsm7.split(o.text, 'ucs2') };
  if (enc === 'latin1') { const b = Buffer.from(o.text, 'latin1'); const c = []; for (let i = 0; i < b.length || !i; i += b.length > 140 ? 134 : 140) c.push(b.subarray(i, i + (b.length > 140 ? 134 : 140))); return { enc, dc: 3, chunks: c }; }
  const c = gsm7.split(o.text, 'gsm7');
  if (!c) throw new Error('text has no GSM form; use encoding ucs2');
  return { enc, dc: 0, chunks: c };
}
function moPdus(o) {
  const e = encodeMo(o); const dc = o.data_coding === undefined ? e.dc : o.data_coding;
  const base = {
    service_type: o.service_type || '',
    source_addr_ton: o.from_ton === undefined ? 1 : o.from_ton, source_addr_npi: o.from_npi === undefined ? 1 : o.from_npi, source_addr: o.from,
    dest_addr_ton: o.to_ton === undefined ? 0 : o.to_ton, dest_addr_npi: o.to_npi === undefined ? 1 : o.to_npi, destination_addr: o.to,
    esm_class: o.esm_class || 0, protocol_id: o.protocol_id || 0, data_coding: dc,
  };
  if (o.udh) {                                          // caller's own UDH, one PDU
    const ud = Buffer.concat([Buffer.from(o.udh, 'hex'), e.chunks[0]]);
    return [Object.assign({}, base, { esm_class: base.esm_class | 0x40, short_message: ud })];
  }
  const mode = o.concat || (e.chunks.length > 1 ? 'udh8' : 'none');
  if (mode === 'payload') return [Object.assign({}, base, { short_message: Buffer.alloc(0), message_payload: Buffer.concat(e.chunks) })];
  if (e.chunks.length === 1 && mode === 'none') return [Object.assign({}, base, { short_message: e.chunks[0] })];
  const ref = o.ref === undefined ? Math.floor(Math.random() * (mode === 'udh8' ? 256 : 65536)) : o.ref;
  const total = o.total || e.chunks.length;
  return e.chunks.map((c, i) => {
    if (mode === 'none') return Object.assign({}, base, { short_message: c });
    if (mode === 'sar') return Object.assign({}, base, { short_message: c, sar_msg_ref_num: ref, sar_total_segments: total, sar_segment_seqnum: i + 1 });
    const udh = mode === 'udh16' ? Buffer.from([6, 8, 4, ref >> 8, ref & 255, total, i + 1]) : Buffer.from([5, 0, 3, ref & 255, total, i + 1]);
    return Object.assign({}, base, { esm_class: base.esm_class | 0x40, short_message: Buffer.concat([udh, c]) });
  });
}
function sendMo(o, done) {
  let pdus = moPdus(o);
  let idx = pdus.map((_, i) => i);
  if (o.order) idx = o.order.map((n) => n - 1);         // 1-based, may repeat or omit parts
  if (idx.some((i) => !pdus[i])) throw new Error('order names a part that does not exist; there are ' + pdus.length);
  const res = []; let k = 0;
  const gap = Number(o.interval_ms || 0);
  const step = () => {
    if (k >= idx.length) return;
    const i = idx[k++];
    const s = rx();
    if (!s) { res.push({ part: i + 1, error: 'no bound receiver' }); if (res.length === idx.length) done(res); return gap ? setTimeout(step, gap) : step(); }
    const pdu = Object.assign({}, pdus[i]);
    let answered = false;
    const fin = (r) => { if (answered) return; answered = true; res.push(r); if (res.length === idx.length) done(res); };
    stats.mo_sent++;
    s.deliver_sm(pdu, (r) => { if (r.command_status) stats.mo_nacked++; else stats.mo_acked++; fin({ part: i + 1, status: r.command_status }); });
    setTimeout(() => fin({ part: i + 1, error: 'no deliver_sm_resp in time' }), Number(o.timeout_ms || 10000));
    if (gap) setTimeout(step, gap); else setImmediate(step);
  };
  step();
}
function flood(o, done) {
  const n = Number(o.count || 1000); const w = Number(o.window || 10); let sent = 0; let back = 0; let bad = 0; const t = Date.now();
  const one = () => {
    if (sent >= n) return;
    const i = sent++;
    const s = rx();
    if (!s) { bad++; back++; return fin(); }
    const from = o.from_base ? String(BigInt(o.from_base) + BigInt(i % Number(o.from_count || n))) : (o.from || '8613900000000');
    stats.mo_sent++;
    s.deliver_sm({ source_addr_ton: 1, source_addr_npi: 1, source_addr: from, dest_addr_ton: 0, dest_addr_npi: 1, destination_addr: o.to || '106900',
      short_message: gsm7.encode((o.text || 'flood') + ' ' + i), data_coding: 0 }, (r) => { back++; if (r.command_status) bad++; else stats.mo_acked++; fin(); one(); });
  };
  const fin = () => { if (back === n) done({ count: n, rejected: bad, ms: Date.now() - t, per_s: Math.round(n * 1000 / Math.max(1, Date.now() - t)) }); };
  for (let i = 0; i < w; i++) one();
}

// ---- control -----------------------------------------------------------
const ctl = http.createServer((req, res) => {
  const ch = [];
  req.on('data', (c) => ch.push(c));
  req.on('end', () => {
    const js = (o, st) => { const b = JSON.stringify(o); res.writeHead(st || 200, { 'Content-Type': 'application/json' }); res.end(b); };
    let o = {};
    try { const b = Buffer.concat(ch).toString(); if (b) o = JSON.parse(b); } catch (e) { return js({ error: 'bad JSON' }, 400); }
    const k = req.method + ' ' + req.url.split('?')[0];
    try {
      switch (k) {
        case 'GET /status': return js({ binds: sessions.filter((s) => s.bound).map((s) => ({ s: s.id, mode: s.mode })), connections: sessions.length, stats, cfg });
        case 'GET /mt': return js(mts);
        case 'DELETE /mt': mts = []; return js({ ok: true });
        case 'GET /events': return js(events);
        case 'DELETE /events': events = []; return js({ ok: true });
        case 'POST /config':
          for (const x of Object.keys(o)) if (!(x in cfg)) return js({ error: 'no such setting ' + x }, 400);
          Object.assign(cfg, o); return js({ ok: true, cfg });
        case 'POST /mo': return sendMo(o, (r) => js({ results: r }));
        case 'POST /flood': return flood(o, js);
        case 'POST /dlr': return js((sendDlr({ id: o.id, to: o.from, from: o.to, dest_ton: 1, dest_npi: 1, src_ton: 0, src_npi: 1, text: o.text || '' }, o.stat || 'DELIVRD'), { ok: true }));
        case 'POST /raw': {
          const b = Buffer.from(o.hex || '', 'hex'); const t = sessions.filter((s) => !o.bound_only || s.bound);
          const cuts = o.chunk ? Number(o.chunk) : 0;
          for (const s of t) {
            if (!cuts) s.socket.write(b);
            else for (let i = 0, d = 0; i < b.length; i += cuts, d += Number(o.gap_ms || 20)) setTimeout(() => s.socket.writable && s.socket.write(b.subarray(i, i + cuts)), d);
          }
          return js({ ok: true, sessions: t.length });
        }
        case 'POST /enquire': { const t = Date.now(); const s = rx(); if (!s) return js({ error: 'no session' }, 409); return s.enquire_link(() => js({ ok: true, ms: Date.now() - t })); }
        case 'POST /unbind': { const t = sessions.filter((s) => s.bound); for (const s of t) s.unbind(() => s.close()); return js({ ok: true, sessions: t.length }); }
        case 'POST /drop': { const n = sessions.length; for (const s of sessions.slice()) s.destroy(); return js({ ok: true, sessions: n }); }
        case 'POST /quit': js({ ok: true }); return stop();
        default: return js({ error: 'no such call' }, 404);
      }
    } catch (e) { return js({ error: e.message }, 400); }
  });
});
function stop() {
  for (const s of sessions) { try { s.destroy(); } catch (e) { /* gone */ } }
  server.close(); ctl.close(); setTimeout(() => process.exit(0), 150);
}
process.on('SIGTERM', stop); process.on('SIGINT', stop);
const fail = (what) => (e) => { console.error('smsc: ' + what + ': ' + e.message); process.exit(1); };
server.on('error', fail('smpp')); ctl.on('error', fail('control'));
server.listen(Number(A.port), A.host, () => {
  ctl.listen(Number(A.ctl_port), A.host, () => console.log(JSON.stringify({ ready: true, smpp_port: server.address().port, ctl_port: ctl.address().port, pid: process.pid })));
});
