"""The log writer: one process that takes what all others log and brings it where it is to go (src/core/master/log-writer.ts)."""
