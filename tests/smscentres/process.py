"""The message centre as a process of its own: smpp34's SMPP 3.4 server, told what to do on stdin.

Each line in is a JSON command, each line out a JSON answer. It knows nothing of Amends.
"""

from __future__ import annotations

import asyncio
import json
import sys

import smpp34


class Centre:
    """Takes what is submitted, answers as it was told to, and delivers what it is given."""

    def __init__(self) -> None:
        self.sessions: dict[str, smpp34.Esme] = {}
        self.taken: list[dict[str, object]] = []
        self.throttle = 0
        self.status_for: dict[str, int] = {}
        self.count = 0
        self.receipts = ""
        self.receipt_first = False
        self.reject_share = 0
        self.binds = 0

    async def serve(self, server: smpp34.Server) -> None:
        while True:
            event = await server.next()
            if isinstance(event, smpp34.Esme):
                self.sessions[event.session_id] = event
                self.binds += 1
            elif isinstance(event, smpp34.Unbound):
                self.sessions.pop(event.session_id, None)
            elif isinstance(event, smpp34.SubmitSmEvent):
                await self.submitted(event)

    async def submitted(self, event: smpp34.SubmitSmEvent) -> None:
        if self.throttle:
            self.throttle -= 1
            event.reject(smpp34.ESME_RTHROTTLED)
            return
        if status := self.status_for.get(event.destination_addr, 0):
            event.reject(status)
            return
        self.count += 1
        name = f"{self.count:08x}"
        self.taken.append(
            {
                "name": name,
                "to": event.destination_addr,
                "from": event.source_addr,
                "ton": event.dest_addr_ton,
                "coding": event.data_coding,
                "esm_class": event.esm_class,
                "receipt_wanted": event.registered_delivery,
                "octets": event.short_message.hex(),
            }
        )
        receipt = asyncio.create_task(self.receipt(event, name)) if self.receipts else None
        if receipt and self.receipt_first:
            await asyncio.sleep(0.05)
        event.accept(message_id=name)

    async def receipt(self, event: smpp34.SubmitSmEvent, name: str) -> None:
        if not self.receipt_first:
            await asyncio.sleep(0.02)
        text = (
            f"id:{name} sub:001 dlvrd:001 submit date:2605040900 done date:2605040901 "
            f"stat:{self.receipts} err:000 text:hello"
        )
        await self.sessions[event.session_id].deliver_sm(
            event.source_addr,
            text.encode(),
            source_addr=event.destination_addr,
            source_addr_ton=1,
            source_addr_npi=1,
            esm_class=0x04,
        )

    async def deliver(self, **said: object) -> dict[str, object]:
        tlvs = [
            smpp34.Tlv(int(tag), bytes.fromhex(value))
            for tag, value in said.pop("tlvs", {}).items()
        ]
        octets = bytes.fromhex(str(said.pop("octets")))
        while not self.sessions:  # the test itself gives up
            await asyncio.sleep(0.02)
        session = next(iter(self.sessions.values()))
        answer = await session.deliver_sm(said.pop("to"), octets, tlvs=tlvs, **said)
        return {"status": answer.command_status}

    async def do(self, command: dict[str, object]) -> object:
        what = command.pop("do")
        if what == "deliver":
            return await self.deliver(**command)
        if what == "set":
            for name, value in command.items():
                setattr(self, name, value)
            return {}
        if what == "hang_up":
            for session in list(self.sessions.values()):
                await session.unbind()
            return {}
        if what == "count":
            return {"count": self.count}
        return {
            "taken": self.taken,
            "count": self.count,
            "sessions": len(self.sessions),
            "binds": self.binds,
        }


def say(answer: object) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


async def main(port: int) -> None:
    server = smpp34.Server("127.0.0.1", port, system_id="centre", inbound_capacity=4096)
    await server.start()
    centre = Centre()
    serving = asyncio.create_task(centre.serve(server))
    say({"ready": True})
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        answer = await centre.do(json.loads(line))
        say(answer)
    serving.cancel()
    await server.stop()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
