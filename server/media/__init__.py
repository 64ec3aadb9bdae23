"""Live video: what a host sends becomes HLS for viewers. The heavy and the dangerous part runs in child processes.

Pure, testable without PyAV: `ebml`, `webm`, `fmp4`, `mp4_formats`, `h264`, `boxes`, `cutting`, `window`, `admission`.
In the child: `child`, `packaging`, `sound`. Between both: `pipe`. In the hub: `packager` (one child), `source` (who
sends), `broadcast` (one session's picture), `broadcasts` (all of this hub), `feed` and `watchers` (who sees it by
websocket), `talk` and `live_talk` (the messages).
"""
