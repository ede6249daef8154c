"""What is behind text to speech: engines, the process that keeps them apart, and what is done before and after them.

Goal: text and a language in, an encoded sound out; no request can change, delay or kill another.
Conventions: text is cleaned (`clean`), written out (`normalise`), cut into pieces (`split`); each piece is spoken by a
process of its own (`pool` here, `supervisor` and `child` beyond a socket); the pieces are joined and levelled
(`loudness`), and encoded (`encode`). `speaker` puts these together. Nothing that the supervisor imports may import
numpy: its children are forked for each piece, and a small process is cheap to fork.
"""
