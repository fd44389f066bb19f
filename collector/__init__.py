"""Brings the posts of a hashtag together, keeps them, and turns each week, day or month into a digest.

The flow, in one line:

    fetch → normalise → store → select → digest → render → deliver
                              ↘ export

Posts travel one way, as frozen values. Network code stands at the two ends, SQL in one package, the clock is read in
one place, and every decision (what to fetch next, whether a text changed, what belongs in a digest, what ranks
first) is a pure function from values to values. In each room it goes gather → decide → apply.

The rooms:

    errors     the exceptions, drawn as a tree: all that a user can cause is one of them, and one line
    model      the values that travel between the rooms
    text       pure text work: HTML to text, hashtags in normal form, canonical addresses, excerpts
    config     the TOML file and the environment → checked settings, or every fault at once
    sources    the network's way in: a guarded client, one small class a kind of source, pure readers beneath
    archives   the files' way in: one module a format, each a stream of posts
    storage    the tables, and functions named after what the caller wants
    identity   pure: whether two posts are copies of one
    polling    one round: what is due → fetch side by side → decide → save; beside it backfill, add and renormalise
    importing  one file: read → sift → save
    forgetting somebody, or a post: look → write down → erase → compact; `disclosing` tells all that is held
    exporting  one export: look up → write → say beside it what it is
    words      all that readers are told: one catalogue a language, and the value that says it
    links      where each page stands, and links signed for one person and one purpose
    digest     pure: windows, membership, ranking, building, and the words around them
    render     a digest → text, HTML, JSON, within the size of a mail
    mailing    one round: due windows → build → claim → compose → deliver → record
    mailbox    the network's way in for what comes back
    bouncing   one mail that came back: read → whose → decide → write down
    deliver    the network's way out: each deliverer takes one finished message
    export     one table of columns → CSV, JSON Lines, the data dictionary; pseudonyms, and the manifest beside a file
    needs      what needs a person, for `status`, mail and monitors alike
    subscribing    readers come, choose and go: decide → write down → owe a letter → hand it over; and lists of them
    housekeeping   what every start and every day owes the database
    warning    the mail to whoever looks after the collector
    web        the pages behind the digests: a request → one function → an answer
    probes     what the daemon answers to machines: how it is, and metrics
    overview, checking    what `status` and `check` say
    app        the composition root: environment, clock, database, sources, deliverer
    daemon     timed jobs, with `notify`, `logs`, `signals`, `posting`, `returning`, `troubles`; no domain logic
    demo       loopback servers and recorded pages that show the whole job without a network
    cli        thin commands: parse, call one function, print

Who may import whom (import-linter holds it, with the bans on SQL and the network outside their rooms; ruff bans
reading the clock outside `app`). Left may import right, never back; those side by side do not know each other:

    cli → daemon | demo | checking → posting → logs | notify | returning | signals | troubles
        → app
        → housekeeping | warning | web | probes → subscribing
        → polling | mailing | importing | exporting | overview | disclosing
        → needs | forgetting | bouncing → sources | archives | storage | render | export | deliver | mailbox
        → digest | identity | links → config → words → text → model → errors

Beside the package stand `migrations/` and `config/`; a wheel carries them as `collector/_migrations` and
`collector/_config`.

What is not obvious, and why it is so:

- A room that grew is a package, split by decision and conductor: in `polling` and `mailing`, `rounds` gathers and
  applies while `plan`, `walk`, `outcome` and `due` decide. `render` stands apart from `digest`, so that what is in a
  digest can be decided, stored and tested without templates.
- Mastodon.py only builds requests. A session of ours sends them through the guarded client and keeps the whole answer,
  and Mastodon.py is handed an empty page: turning one status into its classes costs more than all the rest of its way.
- One function reads a raw status, whether it comes from a page, from a test's recording or from the answers that are
  kept for `db renormalise`.
- A kind of source is found by its name in the entry points, the built-in ones too. Its class says which keys its
  `[[source]]` takes (`config.kinds`); configuration loads the class by name, so that it need not know any kind.
- A watch is one source, one topic and one spelling of its hashtag: aliases are asked for one by one, and their posts
  count for the topic. A watch without a hashtag takes all there is, such as the comments under a post.
- The same address is the same post: one row, told by several sources, a feed's word being the weakest. Copies under
  other addresses are rows that share a cluster. A copy named by a bridge counts only where the bridge itself says so.
- What a whole walk should have met and did not is asked for by its id, and so is what has not been looked at for a day,
  or a month. Only a post's own place, or the silence of all places, takes it out of sight (`polling.evidence`); a
  closed door, a dropped cache, or a feed that shows its newest ten says nothing.
- What is out of sight is erased at a second look, down to a tombstone that keeps the address: a post has to be known
  again, or a server that never heard of the deletion would bring it back.
- What a source learned of a host stays in the tables, as do the requests it was asked: one-shot commands, and several
  processes, must be as polite together as one.
- Nothing raw is kept of imported posts: the file is the answer, and can be imported again.
- A gap is what a watch could not see. It begins at the last good look, is caught up by a walk back over all of it, and
  is told wherever posts go out: nobody should take silence for quiet.
- There is no timer per source. A tick asks the tables what is due, so a restart or a sleep loses nothing, and the
  one-shot commands make the same calls as the daemon. Posts and cursor are committed together.
- A walk back that reaches its bound goes on in the next round below where it stopped. How far the next one looks back
  is counted from the start of the last complete round, never from the newest post.
- Whether a post may ever be "late" is decided once, when it is stored: what was published before its watch began is
  history (`is_history`), and only ever in the window of its own date.
- A write takes the only write lock before it reads (BEGIN IMMEDIATE, or an advisory lock on PostgreSQL). That is why
  ids of posts and authors can be counted by the writer, and rows go in by the thousand.
- Forgetting goes by keyed hashes of names, in a table and in a file beside the database: the file is written first,
  and what it lists and the table does not is erased at the next start, be it after a crash or a restore. The gate is
  the first line of `save_batch`, so whatever brings posts passes it.
- A letter is tables of our own with styles put on the elements, not MJML. Through MJML's Rust binding ten cards and
  sixty lines took 132 KB, a section a post, where Gmail cuts at 102; ours takes 61 with head and foot, as quickly (3 ms
  and 4 ms). caniemail finds as much in it (15 features, 14), and its elements lose their `lang`. What it is for are
  columns that stack, and a letter has one.
- Everything readers are told is a sentence of `words/en.toml`; code fills its places and never joins halves, so that a
  translation is a file. Where a link or a name stands in a sentence, `render.weaving` puts it into its place.
- All that a cadence comes to in time is one value, its `Calendar`, and all that it comes to in words one table of the
  catalogue. A window's name says by its form which cadence it is of, so that a series can change its own: what is
  stored stays as it is, and the next window begins where the last one ended.
- A built digest is frozen: members, order and numbers are rows; texts are read when it is shown.
- What a curator decides about a post holds for its cluster. It is an input of building, like the counts, and so frozen
  with what is built; only a note is a text, and read when it is shown.
- A digest that needs its curator's word stays an open window beyond its time, so that all can still be decided.
- Which posts hold a block word is a mark, set in the transaction that writes a post, so that no query matches texts.
- What needs a person is decided from the tables in one place. The warning mail remembers only what it told, so that it
  cannot say anything else than `status` does.
- The port for probes is served by threads that share only values with the jobs. One that is taken ends the daemon at
  its start: a monitor would hear the program that has it, and believe that all is well.
- The pages are plain functions on waitress' threads: everything here is synchronous, and an asynchronous twin of
  storage would be a second program. They know nobody: without cookies a forged form has nothing to ride on.
- No header decides where a link leads, only `base_url`; of a proxy nothing is believed but who is asking.
- Who left is remembered as who was forgotten is: as keyed hashes, in a table and in a file that outlasts a restore. A
  mark goes only when somebody confirms again by themselves.
- An address in the configuration is a subscriber like any other, with a row, a key for its links, and a way out; its
  subscription counts as long as it stands there. Origin and consent belong to a subscription, not to a person.
- Letters to readers go on a thread of their own beside the pages: the daemon's jobs may have ten thousand mails before
  them, and somebody is waiting.
- What comes back is believed as far as it shows something of a mail of ours (its sealed Message-ID, or a signed link in
  it): anybody may write to that mailbox (`bouncing.rounds`). Deliveries remember that they came back, so that a report
  counts once however often it is read; the number of the last mail is committed with what it came to.
- A delivery is claimed and committed before the hand-over, under a Message-ID that is derived from the database's own
  secret: a crash can repeat one mail, never more. Claims are made by the hundred, but each mail is written down before
  the next one goes, by a statement of its own (`Database.jot`) that waits for no lock and no disk.
- A letter is encoded once a run. Random words stand where each reader's own links go, and a mail is no more than the
  stretches between them and that reader's tokens, joined.
- The pace and the number of refusals are read from the tables, so that restarts and several processes change neither.

One word per thing, in tables, keys, logs, columns and the README:

    hashtag      the tag text being watched, in its normal form     sighting     when which watch first saw a post
    topic        the configured hashtag that spellings count for    revision     an earlier text of an edited post
    source       a configured place that posts come from            window       a week, a day or a month of a series
    watch        one source and one hashtag, with cursor, health    digest       one issue for one window of a series
    post         one thing somebody published; known by its uri     series       digests that follow one another
    author       who wrote it; known by a key, not by the handle    delivery     one digest to one address
    subscriber   somebody with an address; a reader                 subscription one series for a subscriber
    letter       a short mail to one subscriber, of no series       refusal      the mark of somebody who left
    gap          a stretch of time that a watch could not see       budget       what a host may be asked in a while

Instants end in `_at` and are aware UTC; local time exists only where the edges of windows are worked out and where a
person reads.
"""

__version__ = "0.1.0"
