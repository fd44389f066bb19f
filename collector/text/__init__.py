"""Pure text work: HTML to text, hashtags, addresses, excerpts. Values in, values out; nothing here reads or writes."""
