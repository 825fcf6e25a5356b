# A mail server that keeps what it is given: aiosmtpd with STARTTLS and authentication.
#
# What it does with a message depends on the recipient's address, so that one server can show
# every mood of real ones:
#   grey…    put off with 451 the first time, taken from the second on (greylisting)
#   refuse…  refused with 550 when named
#   spam…    refused with 554 after the text
#   cut…     the line is cut in the middle of the text, the first time
#   lost…    kept, but the line is cut before that is said, the first time
# Every other message is kept: a file with the recipient on its first line, synced before the
# server says so.
import asyncio
import os
import ssl
import sys

from aiosmtpd.smtp import AuthResult, SMTP

folder, port, certificate, key, user, password, delay = sys.argv[1:]
seen = set()
kept = len(os.listdir(folder))


def first_time(recipient):
    new = recipient not in seen
    seen.add(recipient)
    return new


def keep(recipient, text):
    global kept
    kept += 1
    path = os.path.join(folder, f"{kept:06}")
    with open(path + ".new", "wb") as file:
        file.write(recipient.encode() + b"\n" + text)
        file.flush()
        os.fsync(file.fileno())
    os.rename(path + ".new", path)


class Sink(SMTP):
    async def smtp_DATA(self, arg):
        recipients = self.envelope.rcpt_tos if self.envelope else []
        if any(to.startswith("cut") and first_time(to) for to in recipients):
            await self.push("354 go on")
            await self._reader.read(100)
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


class Moods:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refuse"):
            return f"550 5.1.1 <{address}>: no such mailbox"
        if address.startswith("grey") and first_time(address):
            return "451 4.7.1 greylisted, come again"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server, session, envelope):
        await asyncio.sleep(float(delay) / 1000)
        recipient = envelope.rcpt_tos[0]
        if recipient.startswith("spam"):
            return "554 5.7.1 not wanted here"
        keep(recipient, envelope.original_content)
        if recipient.startswith("lost") and first_time(recipient):
            server.transport.abort()
        return "250 2.0.0 kept"


def authenticate(server, session, envelope, mechanism, data):
    right = data.login == user.encode() and data.password == password.encode()
    return AuthResult(success=right, handled=True if right else False)


async def serve():
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    server = await asyncio.get_running_loop().create_server(
        lambda: Sink(
            Moods(),
            hostname="localhost",
            tls_context=context,
            require_starttls=True,
            authenticator=authenticate,
            auth_required=True,
        ),
        "127.0.0.1",
        int(port),
    )
    print("ready", flush=True)
    await server.serve_forever()


asyncio.run(serve())
