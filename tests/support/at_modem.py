#!/usr/bin/python3
"""
A pretend GSM modem on a TCP port: as much AT as smstools3 asks for.

    tests/support/at_modem.py

Prints {"port": N}. Each line of standard input is a message for its memory: {"from": "+86...", "text": "...", "order": [2, 1]};
it is cut into parts of 67 UTF-16 units, which are stored in that order. {"left": true} prints how many are still in memory,
{"sent": true} what was sent: [{"to", "text", "report"}]. {"fail": N}: the next N are refused; {"status": N} is what the status reports
of the next ones say (TS 23.040 9.2.3.15).
Ends with its input.
"""
import json
import re
import socketserver
import sys
import threading

MEMORY = {}
SENT = []
WISHES = {"fail": 0, "status": 0}
LOCK = threading.Lock()


def swapped(digits):
    digits += "F" * (len(digits) % 2)
    return bytes(int(digits[i + 1] + digits[i], 16) for i in range(0, len(digits), 2))


def deliver(sender, data, header):
    """SMS-DELIVER (3GPP TS 23.040, 9.2.2.1) in UCS-2, with the service centre in front."""
    digits = sender.lstrip("+")
    address = bytes([len(digits), 0x91 if sender.startswith("+") else 0x81]) + swapped(digits)
    user = bytes([len(header)]) + header + data if header else data
    pdu = bytes([0x44 if header else 0x04]) + address + b"\x00\x08" + swapped("26112213000023") + bytes([len(user)]) + user
    return pdu


def store(message):
    data = message["text"].encode("utf-16-be")
    pieces = [data] if len(data) <= 140 else [data[i:i + 134] for i in range(0, len(data), 134)]
    for number in message.get("order", range(1, len(pieces) + 1)):
        header = bytes([0, 3, message.get("ref", 7), len(pieces), number]) if len(pieces) > 1 else b""
        with LOCK:
            MEMORY[max(MEMORY, default=0) + 1] = deliver(message["from"], pieces[number - 1], header)


def submitted(pdu):
    """SMS-SUBMIT (9.2.2.2) behind the service centre."""
    pdu = pdu[1 + pdu[0]:]
    first, digits = pdu[0], pdu[2]
    at = 4 + (digits + 1) // 2
    to = "".join(f"{o & 15:x}{o >> 4:x}" for o in pdu[4:at])[:digits]
    coding = pdu[at + 1]
    at += 2 + {0: 0, 0x10: 1}.get(first & 0x18, 7)
    data = pdu[at + 1:]
    if first & 0x40:
        data = data[1 + data[0]:]
    if coding & 0x0C == 8:
        text = data.decode("utf-16-be")
    else:
        bits = int.from_bytes(data, "little")
        text = "".join(chr(bits >> 7 * i & 0x7F) for i in range(pdu[at]))
    return {"to": to, "text": text, "report": bool(first & 0x20)}


def send(pdu):
    """The lines of the answer."""
    with LOCK:
        if WISHES["fail"]:
            WISHES["fail"] -= 1
            return "\r\n+CMS ERROR: 500\r\n"
        message = submitted(pdu)
        SENT.append(message)
        reference = len(SENT) & 255
        if message["report"]:
            address = bytes([len(message["to"]), 0x91]) + swapped(message["to"])
            times = swapped("26112213000023") * 2
            MEMORY[max(MEMORY, default=0) + 1] = bytes([0x06, reference]) + address + times + bytes([WISHES["status"]])
    return f"\r\n+CMGS: {reference}\r\n\r\nOK\r\n"


def line_of(kind, index, pdu):
    return f"+{kind}: {index}{'1,,' if kind == 'CMGR' else ',1,,'}{len(pdu)}\r\n00{pdu.hex().upper()}"


def answer(command):
    """Lines of the answer, or None for an error."""
    with LOCK:
        used = len(MEMORY)
        if command in ("AT+CPIN?", "AT+CREG?", "AT+CSQ", "AT+CGSN", "AT+CIMI", "AT+CMGF?", "AT+CSMS?"):
            return {"AT+CPIN?": "+CPIN: READY", "AT+CREG?": "+CREG: 0,1", "AT+CSQ": "+CSQ: 20,0", "AT+CGSN": "490154203237518",
                    "AT+CIMI": "460001234567890", "AT+CMGF?": "+CMGF: 0", "AT+CSMS?": "+CSMS: 0,1,1,1"}[command]
        if command.startswith("AT+CPMS=?"):
            return '+CPMS: ("SM"),("SM"),("SM")'
        if command.startswith("AT+CPMS"):
            return (f'+CPMS: "SM",{used},30,"SM",{used},30,"SM",{used},30' if command.endswith("?") else f"+CPMS: {used},30,{used},30,{used},30")
        if command.startswith("AT+CMGL"):
            return "\r\n".join(line_of("CMGL", i, pdu) for i, pdu in sorted(MEMORY.items()))
        index = int((re.search(r"=(\d+)", command) or [0, "0"])[1])
        if command.startswith("AT+CMGR="):
            return line_of("CMGR", "", MEMORY[index]) if index in MEMORY else ""
        if command.startswith("AT+CMGD="):
            MEMORY.pop(index, None)
    return ""


class Modem(socketserver.StreamRequestHandler):
    def handle(self):
        rest = b""
        while True:
            piece = self.request.recv(4096)
            if not piece:
                return
            rest += piece
            if b"\x1a" in rest:
                hexadecimal, _, rest = rest.partition(b"\x1a")
                self.request.sendall(send(bytes.fromhex(hexadecimal.decode().strip())).encode())
            *lines, rest = re.split(rb"[\r\n]+", rest)
            for line in filter(None, lines):
                if line.upper().startswith(b"AT+CMGS="):
                    self.request.sendall(b"\r\n> ")
                    continue
                said = answer(line.decode("latin-1").strip().upper())
                self.request.sendall((f"\r\n{said}\r\n" if said else "").encode() + b"\r\nOK\r\n")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


with Server(("127.0.0.1", 0), Modem) as server:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"port": server.server_address[1]}), flush=True)
    for line in sys.stdin:
        wish = json.loads(line)
        if "left" in wish:
            with LOCK:
                print(json.dumps({"left": len(MEMORY)}), flush=True)
        elif "sent" in wish:
            with LOCK:
                print(json.dumps({"sent": SENT}), flush=True)
        elif "from" not in wish:
            WISHES.update(wish)
        else:
            store(wish)
    server.shutdown()
