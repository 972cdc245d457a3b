"""Messages about incidents, and their way to whom they are meant for.

Read in this order: `messages` (which are due, by the alerts of the last build and what
was delivered before), `wording` (what each says: a text, a line of JSON, what Slack
takes), `log` (what was delivered: the file beside the warehouse), `destinations` (a
terminal, a file, a URL), `webhook` (one request and its answer), `sending` (deliver,
then mark; attempts and waits).
"""
