"""The embedded platform as a server: the functions, a bucket, a queue and a page, on one port of this machine.

Imported by `dailies up` only: it needs Flask and Firebase's libraries, which the other commands don't.
"""
