#include "ctl/index.hpp"

#include <array>

namespace bullpen::ctl {

namespace {

using enum Program;

constexpr std::array<IndexEntry, 53> k_index = {{
    {"status", "Look", "the table of accounts; exit code as LSB init scripts have it", bullpenctl},
    {"list", "Look", "the names of the accounts", bullpenctl},
    {"explain", "Look", "why an account is in its state, or what is behind an order", control},
    {"top", "Look", "the table, live; q quits", bullpenctl},
    {"health", "Look", "one line and an exit code for a monitor", bullpenctl},
    {"pid", "Look", "the process id of the daemon or of an account's worker", bullpenctl},
    {"calendar", "Look", "economic events, when accounts stand aside, hours of markets", control},
    {"events", "Look", "what happened, from the daemon's event stream", control},
    {"alerts", "Look", "what people are told: the catalogue, what was sent, tests, mutes", control},

    {"tail", "Logs", "the end of an account's log, followed with -f", bullpenctl},
    {"logs", "Logs", "which log files and crash bundles there are", bullpenctl},
    {"maintail", "Logs", "the end of the daemon's log, followed with -f", bullpenctl},

    {"start", "Act", "start accounts and wait for the result", control},
    {"stop", "Act", "stop accounts in order and wait for the result", control},
    {"restart", "Act", "stop and start accounts", control},
    {"signal", "Act", "send a signal to workers", control},
    {"clear", "Act", "forget the deaths of an account, so that FATAL can start again", control},
    {"halt", "Act", "stop trading and go flat; nothing more until resume", control},
    {"reduce", "Act", "no new entries until resume", control},
    {"flatten", "Act", "close what is held; no new entries until resume", control},
    {"resume", "Act", "lift halt, reduce or flatten", control},
    {"job", "Act", "run a job of an account now; what its jobs did and do next", control},
    {"payout", "Act", "say that money was paid out of an account, which is no loss", control},
    {"rolling-restart", "Act", "move workers to the installed program one at a time", control},

    {"reread", "Roster", "what has changed in the settings files; applies nothing", control},
    {"update", "Roster", "apply what has changed; only changed accounts restart", control},
    {"add", "Roster", "write the file of a new account and apply it", control},
    {"remove", "Roster", "stop an account and put its files aside", control},
    {"rename", "Roster", "give an account another name", control},
    {"enable", "Roster", "set enabled = true in an account's file", control},
    {"disable", "Roster", "set enabled = false in an account's file, which stops it", control},
    {"config", "Roster", "the settings in force and where each comes from", control},
    {"check", "Roster", "every error in the settings files", control},
    {"credentials", "Roster", "what accounts prove themselves with at their brokers", control},
    {"import", "Roster", "take over accounts, settings and state of an old bot", control},
    {"state", "Roster", "what an account of shares remembers, and putting it right", control},
    {"migrate", "Roster", "divide the state that users of an old bot shared", control},

    {"trades", "Trade", "the trades of an account", control},
    {"pnl", "Trade", "what each trading day brought an account", control},
    {"report", "Trade", "statistics of an account's trading, and its tear sheet", control},
    {"replay", "Trade", "what an account knew and decided, rebuilt from its journal", control},
    {"compare", "Trade", "how an account and a backtest over its bars differ", control},
    {"backtest", "Trade", "run a strategy over bars of the past", control},
    {"indicators", "Trade", "write every indicator of every bar", control},

    {"init", "Home", "make a home", control},
    {"backup", "Home", "copy a home that may be running, checksummed", control},
    {"restore", "Home", "make a home of a backup", control},
    {"remote", "Home", "who may look and operate from other hosts, and the keys for it", control},
    {"version", "Home", "the versions of this tool and of the daemon", bullpenctl},
    {"upgrade", "Home", "put the daemon on the installed program; workers go on", control},
    {"shutdown", "Home", "stop the daemon, with its workers or without", control},
    {"cleanup", "Home", "end what dead workers left running", control},
    {"help", "Home", "this overview, or what a command does", bullpenctl},
}};

}  // namespace

std::span<const IndexEntry> index() {
    return k_index;
}

const IndexEntry* find_in_index(std::string_view name) {
    for (const auto& entry : k_index) {
        if (entry.name == name)
            return &entry;
    }
    return nullptr;
}

}  // namespace bullpen::ctl
