"""Pages made on the server, for who has no scripts: crawlers, shared links, old phones, a script that was lost.

Where scripts run, the viewer's app takes over the same address. Words come from the pages' own locales.
"""
