"""The pages behind the digests: what readers, feed programs and mail programs reach over HTTP.

    request → visiting.Visit → routing → a handler → answers.Answer → site → response

visiting     a request as a value, with all that an answer may depend on
routing      a path → a function; every module of pages has a table ROUTES of its own, and `routes` joins them
answers      what a handler gives back: a page, a download, a feed, a way on
drawing      templates, all on one layout
refusing     what is answered instead, as an exception
allowances   how much one client may ask of what costs something
complaining  what the log hears of pages that could not be shown
remembering  pages that are the same for everybody, until something changes
forwarding   pure: who is asking, behind our own proxies
site         the WSGI application: headers, limits, errors, conditional requests
serving      waitress on threads, and an orderly end

issues       which digests may be seen, and one of them with all that it shows
letters      a digest in words, as the mails have them

Pages: `digests` and `feeds`, `privacy`, and `standing`, which never changes; `subscribing` for readers, `curating` for
curators; `posts` lists and feeds of posts, asked by what `asked` reads; `single` one post; `numbers` posts over time.

A handler is a plain function, `(visit, arguments) → Answer`. It reads the database in one `visit.database.read()`, and
writes only for a POST. It says nothing but sentences of the catalogue, through `visit.words`.
"""
