"""The console, for people who see no code: accounts, streams, plans, dashboard, live page; and the data API.

Pages are made on the server and work without scripts, all but the live page. A module is a page or a few of one
subject; `frame` has what they share, `links` how they find one another behind any prefix, `charts` the drawings.
"""
