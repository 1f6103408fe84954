#include "common/config/reference.hpp"

#include <algorithm>

#include "common/config/home_setup.hpp"
#include "common/config/keys.hpp"
#include "common/config/roster_files.hpp"
#include "common/config/schema.hpp"

namespace bullpen::config {

namespace {

constexpr std::size_t k_columns = 100;

std::string_view type_text(KeyType type) {
    switch (type) {
        case KeyType::flag: return "true or false";
        case KeyType::integer: return "whole number";
        case KeyType::number: return "number";
        case KeyType::duration: return "duration";
        case KeyType::size: return "size";
        case KeyType::percent: return "percentage";
        case KeyType::text: return "text";
        case KeyType::path: return "path";
        case KeyType::word: return "word";
        case KeyType::texts: return "list of texts";
        case KeyType::table: return "table";
    }
    return "";
}

std::string_view effect_text(Effect effect) {
    switch (effect) {
        case Effect::at_once: return "nothing";
        case Effect::next_launch: return "the worker's next start";
        case Effect::worker_restart: return "a restart of the worker";
        case Effect::daemon_restart: return "`bullpenctl upgrade`";
    }
    return "";
}

std::string code_span(std::string_view text) {
    return text.empty() ? "" : "`" + std::string(text) + "`";
}

// A cell of a Markdown table.
std::string cell(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '|')
            out += '\\';
        out += c;
    }
    return out;
}

std::string table(Scope scope) {
    const bool inherits = scope == Scope::account;
    std::string out = std::string("| key | type | default | allowed |") +
                      (inherits ? " in `[defaults]` |" : "") + " a change needs | meaning |\n";
    out += std::string("|---|---|---|---|") + (inherits ? "---|" : "") + "---|---|\n";
    for (const KeyFacts& key : key_facts(scope)) {
        out += "| " + code_span(key.name) + " | " + std::string(type_text(key.type)) + " | " +
               code_span(cell(key.default_text)) + " | " + cell(key.bounds) + " | ";
        if (inherits)
            out += key.inheritable ? "yes | " : "no | ";
        out += std::string(effect_text(key.effect)) + " | " + cell(key.description) + " |\n";
    }
    return out;
}

void append_comment(std::string& out, std::string_view text) {
    std::string line = "#";
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        if (line.size() + 1 + end > k_columns) {
            out += line + "\n";
            line = "#";
        }
        line += " " + std::string(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    out += line + "\n";
}

// Every key of a scope as commented-out lines under its table's header.
void append_annotated(std::string& out, Scope scope, std::string_view prefix, bool inheritable) {
    std::string open(prefix);
    for (const bool in_table : {false, true}) {
        for (const KeyFacts& key : key_facts(scope)) {
            const auto dot = key.name.find('.');
            const bool table_key = dot != std::string_view::npos || key.type == KeyType::table;
            if (table_key != in_table || (inheritable && !key.inheritable))
                continue;
            std::string table(prefix);
            if (table_key)
                table += (table.empty() ? "" : ".") + std::string(key.name.substr(0, dot));
            if (table != open)
                out += "\n[" + table + "]\n";
            open = table;
            out += "\n";
            append_comment(out, key.description);
            append_comment(out, "Allowed: " + std::string(key.bounds) + ".");
            if (key.type == KeyType::table)
                out += "# NAME = \"value\"\n";
            else
                out += "# " +
                       std::string(key.name.substr(dot == std::string_view::npos ? 0 : dot + 1)) +
                       " = " + std::string(key.default_text) + "\n";
        }
    }
}

constexpr std::string_view k_introduction =
    R"(# Configuration

This page is written from the declarations in `common/config`; a test holds it against them.
`ninja -C build/dev config-reference` writes it anew.

## Files

| file | what it is |
|---|---|
| `HOME/bullpen.toml` | the settings of the daemon, and `[defaults]`, which every account inherits |
| `HOME/accounts.d/<account>.toml` | one account; its name is the account's id |
| `HOME/run/applied/roster.<number>` | rosters that were in force, the greatest number last |

HOME is what `--home` says, else `$BULLPEN_HOME`, else `/var/lib/bullpen`. A value comes from the
account's file, else from `[defaults]` in `bullpen.toml`, else from the default below;
`bullpenctl config show --origin` says which it was, with file and line.

Before a key of `bullpen.toml` that concerns the daemon alone stands a variable of its environment:
`BULLPEN_CONFIG_` and the key in capitals, `_` for a dot (`BULLPEN_CONFIG_START_STAGGER="2 s"`,
`BULLPEN_CONFIG_LOG_LEVEL=debug`; a list as TOML writes it). `--origin` names the variable. These are
the keys without a dot, but for `host_lock_dir`, and those of `log`. Any other key, which further
programs of the home read from the file, what no key is called, and what looks like a secret are
refused: `check` lists them, and the daemon goes on without them. Nothing of an account is ever taken
from the environment, least of all its credentials. `check`, and `bullpenctl config show` without a
daemon, look at their own environment, the daemon at the one it was started with.

`bullpenctl check` and `bullpend --check` list every error of every file, with file, line, key and
the nearest known key, and exit with 78 when there is one. Beside what is wrong in a file by itself
they tell what would keep an account from starting or trading: a table in `HOME/shared` that is
broken (instruments, holidays, rule packs), a `feed.instrument`, `risk.rule_pack`, `strategy.name` or
`broker` that there is not, a rule pack that forbids servers and is not acknowledged, a `feed.file` or
`command` that is not there. Of an account that is not enabled these are notes, and so is a rule pack
or a strategy where `trading` makes no use of it. `bullpenctl reread` shows what would change,
`bullpenctl update` applies it.

### Which files are read

- In `accounts.d` every file whose name ends in `.toml`. The name in front is the account's id: 1
  to 32 characters of `a-z`, `0-9`, `_` and `-`, the first a letter or digit. Hidden files and
  what editors leave behind (`.toml~`, `.swp`, `.bak`, `.off` and the like) are passed over.
- Only regular files. A symbolic link, a directory or a pipe in the place of a file is an error.
- `bullpen.toml` up to )";

std::string limits_text() {
    return std::to_string(k_daemon_file_size_max >> 10) + " KiB, an account's file up to " +
           std::to_string(k_account_file_size_max >> 10) + " KiB, in UTF-8.\n";
}

constexpr std::string_view k_rules =
    R"(- Files and directories that belong to root, to the owner of HOME or to the user who runs
  Bullpen, and that not everybody may write: whoever writes an account's file decides which
  program runs.
  Group members may have the right to write; everybody may have the right to read, because nothing
  secret is in them.

### Secrets

A settings file never holds a secret. Keys, variables and arguments of a `command` that look like
one (`password`, `token`, `api_key`, `secret` and the like, or a password in a URL) are refused.
Credentials are kept encrypted in `HOME/secrets` and reach the worker by themselves.

### Broken files

A file with an error is not taken, and nothing else suffers: the account's last good version stays
in force, frozen as it was, also across a restart of the daemon. Without a good version the
account waits with `settings_invalid`. A broken `bullpen.toml` likewise leaves its last good
version in force; without one the daemon does not start. A file that is gone is no error: its
account leaves the roster. That `accounts.d` as a whole cannot be read removes no account.

A file that says nothing any more, where the one applied before did, is broken too: an editor or a
full disk that cut it would otherwise put the defaults in the place of every limit. Put its text
back; the last good one is in `accounts/<account>/settings.toml`. Where the defaults are meant, a
line `account = "<account>"` says so (in `bullpen.toml` an empty `[defaults]`).

Two accounts with the same `broker`, `login` and `broker_account` are refused, and of those that
trade on paper two with the same `broker_account` (or id, of one without), for the paper exchange
knows no logins. The one that was in force before stays; of two newcomers neither is taken.

Every roster that the daemon applied is kept as a text file with all its settings files in it, the
newest `previous_versions_keep` besides the one in force.

## Values

| type | as in | |
|---|---|---|
| duration | `"250 ms"`, `"5 s"`, `"10 min"` | also `h`, `d`, `us`, `ns`; only `0` stands alone |
| size | `"512 B"`, `"64 KiB"`, `"64 MiB"`, `"2 GiB"`, `"1 TiB"` | likewise |
| percentage | `"10 %"` | likewise |
| word | `"never"` | one of the words that are listed |
| text, path | `"..."` | no control characters |
| list of texts | `["program", "argument"]` | |

)";

constexpr std::string_view k_opposite_text =
    "What becomes of an entry against what another account of the owner NAME holds or may hold in "
    "the same product, micros and big contracts alike: granted without a question, granted and "
    "told, or refused. Where nothing is said, accounts are refused whose rule pack forbids it.";

constexpr std::string_view k_owners_page =
    R"(
### Owners

`[owners.NAME]`, once for each owner that has a rule; NAME is what accounts say as their `owner`, in quotes
when it has other characters than letters, digits, `_` and `-`.

| key | words | default | a change needs | meaning |
|---|---|---|---|---|
| `opposite` | `allow`, `flag` or `refuse` | `"allow"`; `"refuse"` for an account whose `risk.rule_pack` is one of Bullpen's own that forbids opposite positions | a restart of the owner's workers when it becomes or was `allow` | What becomes of an entry against what another account of the same owner holds or may hold in the same product, micros and big contracts alike. With `flag` and `refuse` an account asks the daemon before each entry; without an answer it does not enter. |
)";

}  // namespace

std::string annotated_daemon_settings() {
    std::string out =
        "# bullpen.toml: the settings of this home. Every key is shown with its default; to change "
        "one,\n"
        "# take away the # in front of it. bullpenctl check finds mistakes, bullpenctl update "
        "applies.\n";
    append_annotated(out, Scope::daemon, "", false);
    out += "\n[owners.NAME]\n\n";
    append_comment(out, k_opposite_text);
    out += "# Allowed: allow, flag or refuse.\n# opposite = \"allow\"\n";
    out += "\n# What every account inherits, unless its own file says otherwise.\n[defaults]\n";
    append_annotated(out, Scope::account, "defaults", true);
    return out;
}

std::string annotated_account_settings() {
    std::string out =
        "# An account's file, accounts.d/<account>.toml. Every key is shown with the default that "
        "it has\n"
        "# when [defaults] in bullpen.toml does not say otherwise; to set one, take away the # in "
        "front of\n"
        "# it. Secrets do not belong here.\n\n"
        "# The account's id, against a copied file: it must be as the file is named.\n"
        "# account = \"example\"\n";
    append_annotated(out, Scope::account, "", false);
    return out;
}

std::string configuration_reference() {
    std::string out(k_introduction);
    out += limits_text();
    out += k_rules;
    out += "## Keys of bullpen.toml\n\n" + table(Scope::daemon);
    out += k_owners_page;
    out +=
        "\n## Keys of an account\n\nA key with a dot is written in its table: `memory_max` below "
        "`[limits]` is `limits.memory_max`. In\n`bullpen.toml` the same tables stand below "
        "`[defaults]`, as in `[defaults.limits]`. An account's file may also\nsay `account = "
        "\"<account>\"`, which then must be as the file is named.\n\n" +
        table(Scope::account);
    return out;
}

}  // namespace bullpen::config
