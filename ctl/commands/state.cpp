#include <array>

#include "ctl/act.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/worker_tool.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::array<Option, 9> k_state_options = {
    {{'\0', "own", "N", "of set: so many of the share are the account's own"},
     {'\0', "gtt", "NUMBER", "of set: this trigger is the account's own stop"},
     {'\0', "no-gtt", "NUMBER", "of set: this one is not, no job touches it"},
     {'\0', "traded", "", "of set: the share is not bought again on the newest day"},
     {'\0', "product", "NAME", "of show: only CNC, or only MIS"},
     {'\0', "delete", "", "of session: the entry goes"},
     {'\0', "shape", "SHAPE", "of export: user, a user's own file (default), or shared"},
     {'\0', "accept", "", "do it although something speaks against it"},
     {'\0', "dry-run", "", "say what would change, and change nothing"}}};

int run_state(Context& context) {
    return run_worker_tool(context, "state", k_state_options, HomeNeed::needed);
}

}  // namespace

const Command k_state = {
    .name = "state",
    .synopsis = "show|set|remove|reset-day|session|export|import ACCOUNT [...]",
    .text =
        "What an account of shares remembers (what its jobs bought, which stops are its own, what\n"
        "was traded on a day): shown, put right, and as a file that tools of the older bots read.\n"
        "\n"
        "  show ACCOUNT [SYMBOL]  what it is, beside what its broker held at the last look\n"
        "  set ACCOUNT SYMBOL     what of a share is the account's own, which triggers are its\n"
        "                         stops, that it was traded today: by the options\n"
        "  remove ACCOUNT SYMBOL  the account does not know of the share any more\n"
        "  reset-day ACCOUNT      the newest day begins anew for its jobs\n"
        "  session ACCOUNT [KEY [VALUE]]  the session data of an older bot; VALUE sets an entry\n"
        "  export ACCOUNT [FILE]  to a file or standard output\n"
        "  import ACCOUNT FILE    from one: of ours whole; of an older bot's what is open, and\n"
        "                         the rest of it is kept for exports\n"
        "\n"
        "show and export work whether its worker runs or not. What changes records is refused\n"
        "while it runs, import also where an attempt of a job was cut short; it says what "
        "changes,\n"
        "notes it in the account's audit log and leaves what was before beside the records, as\n"
        "shares.json.before-COMMAND-TIME. What speaks against it (the broker holds the share, an\n"
        "order may work) refuses it without --accept. Nothing is sent to the broker.\n"
        "docs/jobs.md says what becomes of what.\n",
    .exit_codes =
        "  0   done, or shown\n"
        "  1   refused, or a file cannot be read or written\n"
        "  64  wrong arguments\n",
    .examples =
        "  bullpenctl state show nse01\n"
        "  bullpenctl state remove nse01 INFY --dry-run\n"
        "  bullpenctl state export nse01 trading_state_nse01.json\n"
        "  bullpenctl state import nse01 trading_state_asha.json --dry-run\n",
    .options = k_state_options,
    .operands_min = 2,
    .operands_max = 4,
    .run = run_state,
    .writes_home = true,
};

}  // namespace bullpen::ctl
