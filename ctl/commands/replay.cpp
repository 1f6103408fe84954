#include <array>

#include "ctl/commands/commands.hpp"
#include "ctl/worker_tool.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::array<Option, 2> k_replay_options = {{
    {'\0', "until", "TIME", "only the bars that are over then, by the market's time"},
    {'n', "lines", "N", "the last N decisions; 20 when nothing is said, 0 for all"},
}};

int run_replay(Context& context) {
    return run_worker_tool(context, "replay", k_replay_options, HomeNeed::needed);
}

}  // namespace

const Command k_replay = {
    .name = "replay",
    .synopsis = "ACCOUNT",
    .text =
        "Goes through the account's journal once more, with its own strategy and limits, and\n"
        "prints what it held, which orders were open, what it won, its mode and counters, and "
        "what\n"
        "it decided on each bar beside what the records say came of it. Where the replay passes\n"
        "the record that the state file was written at, both are compared part by part. Reads\n"
        "only, whether the account's worker runs or not.\n"
        "\n"
        "The settings are those that were in force, as the journal has them, whatever the\n"
        "account's file says today. Of records that an older program wrote the journal may have\n"
        "none; then the replay says which settings it takes, and that a difference may come from\n"
        "that.\n",
    .exit_codes =
        "  0   done; what was compared is the same\n"
        "  1   the state file differs, or there is no journal, or it cannot be read\n"
        "  64  wrong arguments, also a time that the journal does not reach back to\n",
    .examples =
        "  bullpenctl replay mes01\n"
        "  bullpenctl replay mes01 --until 2025-03-10T15:00:00Z\n"
        "  bullpenctl replay mes01 --json | jq .state_file\n",
    .options = k_replay_options,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_replay,
};

}  // namespace bullpen::ctl
