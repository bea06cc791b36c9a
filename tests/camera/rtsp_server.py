"""A real RTSP server with an H.264 test picture at /room; with --locked, only for teacher:chalk; with --tls, encrypted.

Run by Debian's own Python, which has GStreamer's bindings. Prints its port.
"""

import argparse

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gio, GLib, Gst, GstRtspServer  # noqa: E402 - after the versions were asked for

PIPELINE = (
    "( videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=15/1 "
    "! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=15 ! rtph264pay name=pay0 pt=96 )"
)


def main(port: str, *, locked: bool, certificate: str | None) -> None:
    Gst.init(None)
    server = GstRtspServer.RTSPServer(service=port, address="127.0.0.1")
    media = GstRtspServer.RTSPMediaFactory()
    media.set_launch(PIPELINE)
    media.set_shared(True)
    auth = GstRtspServer.RTSPAuth()
    if locked:
        permissions = GstRtspServer.RTSPPermissions()
        permissions.add_permission_for_role("teacher", "media.factory.access", True)
        permissions.add_permission_for_role("teacher", "media.factory.construct", True)
        media.set_permissions(permissions)
        token = GstRtspServer.RTSPToken()
        token.set_string("media.factory.role", "teacher")
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic("teacher", "chalk"), token)
    if certificate:
        auth.set_tls_certificate(Gio.TlsCertificate.new_from_file(certificate))
    if locked or certificate:
        server.set_auth(auth)
    server.get_mount_points().add_factory("/room", media)
    server.attach(None)
    print(server.get_bound_port(), flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("port")
    parser.add_argument("--locked", action="store_true")
    parser.add_argument("--tls", metavar="PEM", help="a file with the certificate and its key")
    flags = parser.parse_args()
    main(flags.port, locked=flags.locked, certificate=flags.tls)
