"""A phone in a tunnel: connected, but it reads nothing."""

import base64
import os
import socket
import time
from contextlib import closing

from api.live.hub import TopicKey
from tests.api.served import Served, serving

SUBSCRIBE = b'{"sub": true, "topic": "fleet:all"}'
CLOSED_4008 = b"\x88\x02\x0f\xa8"
"""The close frame with code 4008, as bytes."""


def stalled_dispatcher(served: Served) -> socket.socket:
    """Open a live connection by hand, subscribe, and never read again."""
    ticket = served.post("/live/tickets")["ticket"]
    phone = socket.socket()
    phone.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    phone.connect(("127.0.0.1", served.port))
    key = base64.b64encode(os.urandom(16)).decode()
    phone.sendall(
        f"GET /live?ticket={ticket} HTTP/1.1\r\nHost: {served.address}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    phone.settimeout(20)
    answer = b""
    while b"\r\n\r\n" not in answer:  # frames sent before the server agreed may be lost
        answer += phone.recv(4_096)
    phone.sendall(masked(SUBSCRIBE))
    return phone


def masked(payload: bytes) -> bytes:
    """Return a text frame under a mask of zeros."""
    return bytes([0x81, 0x80 | len(payload)]) + bytes(4) + payload


def everything(phone: socket.socket) -> bytes:
    """Read until the other side ends."""
    received = b""
    try:
        while chunk := phone.recv(65_536):
            received += chunk
    except ConnectionResetError:
        pass
    return received


def followers(served: Served) -> int:
    """Count who follows the fleet; nobody may subscribe anew meanwhile, which is leaving and coming back."""
    return len(served.hub._topics[TopicKey("fleet:all")].followers)


def test_stalled_client_delays_nobody_and_is_dropped() -> None:
    with serving(options={"stalled_s": 1.0}) as served:
        for _ in range(50):
            served.place(reference="x" * 64)
        with served.live() as quick, closing(stalled_dispatcher(served)) as phone:
            quick.follow("fleet:all")
            served.wait_until(lambda: followers(served) == 2)
            until_s = time.monotonic() + 30
            while followers(served) == 2:  # news of the orders fill every buffer on the way to the phone
                assert time.monotonic() < until_s, "the stalled client was never dropped"
                order_id = served.place()["order_id"]
                frame = quick.next("state")
                while frame["event"] != "OrderPlaced":
                    frame = quick.next("state")
                assert frame["data"]["order"]["order_id"] == order_id
            received = everything(phone)
    assert CLOSED_4008 in received[-64:]
