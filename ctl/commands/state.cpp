#include <array>

#include "ctl/act.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/worker_tool.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::array<Option, 2> k_state_options = {
    {{'\0', "shape", "SHAPE", "of export: user, a user's own file (default), or shared"},
     {'\0', "dry-run", "", "of import: say what would change, and change nothing"}}};

int run_state(Context& context) {
    return run_worker_tool(context, "state", k_state_options, HomeNeed::needed);
}

}  // namespace

const Command k_state = {
    .name = "state",
    .synopsis = "export|import ACCOUNT [FILE]",
    .text =
        "What an account of shares remembers (what its jobs bought, which stops are its own, what\n"
        "was traded on a day), as a file that tools of the older bots read.\n"
        "\n"
        "  export ACCOUNT [FILE]  to a file or standard output, whether its worker runs or not\n"
        "  import ACCOUNT FILE    from one: of ours whole, of an older bot's what is open\n"
        "\n"
        "import refuses the file of another account, an account that runs, and one of which an\n"
        "attempt of a job was cut short. It says what changes, and leaves what was before beside\n"
        "the account's records, as shares.json.before-import-TIME. docs/jobs.md says what becomes\n"
        "of what.\n",
    .exit_codes =
        "  0   done, or shown\n"
        "  1   refused, or a file cannot be read or written\n"
        "  64  wrong arguments\n",
    .examples =
        "  bullpenctl state export nse01 trading_state_nse01.json\n"
        "  bullpenctl state import nse01 trading_state_asha.json --dry-run\n",
    .options = k_state_options,
    .operands_min = 2,
    .operands_max = 3,
    .run = run_state,
    .writes_home = true,
};

}  // namespace bullpen::ctl
