#include <array>

#include "ctl/commands/commands.hpp"
#include "ctl/migration.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::array<Option, 6> k_migrate_options = {
    {{'\0', "dry-run", "", "show what would become whose, and write nothing"},
     {'\0', "yes", "", "do not ask"},
     {'\0', "stopped", "", "I have looked: the old bot does not run"},
     {'\0', "accept", "", "go on although sums do not match, or files were changed since"},
     {'\0', "holdings", "FILE", "of split: what the broker says each user holds"},
     {'\0', "orders", "DIR", "of split: where the users' order files are"}}};

struct Word {
    std::string_view word;
    int (*run)(Context&);
};
constexpr std::array k_words{Word{"split", migrate_split}, Word{"verify", migrate_verify},
                             Word{"rollback", migrate_rollback}};

int run_migrate(Context& context) {
    const auto word = context.arguments.operands[0];
    for (const Word& known : k_words) {
        if (known.word == word)
            return known.run(context);
    }
    return report(context,
                  "migrate knows split, verify and rollback, not '" + std::string(word) + "'",
                  ExitCode::usage);
}

}  // namespace

const Command k_migrate = {
    .name = "migrate",
    .synopsis = "split|verify|rollback [FILE]",
    .text =
        "Divides the state file that all users of the old equity bot shared among their accounts,\n"
        "which bullpenctl import equity-bot made. docs/moving.md has the rules.\n"
        "\n"
        "  split FILE           shows what becomes whose, asks, and does it\n"
        "  verify [FILE]        whether what was divided is still whole\n"
        "  rollback FILE        puts everything back as it was\n"
        "\n"
        "Quantities are given out, never copied: by what the broker says each user holds, else by "
        "the\n"
        "user's order files. Claims that come to another sum than the state's, or to none, are "
        "refused;\n"
        "with --accept what is not clear stays in unassigned.json. A backup with its checksum is "
        "written\n"
        "first; the file itself is given another name, never deleted. Neither accounts nor the old "
        "bot may\n"
        "run meanwhile: where a file in its pids/ names a process that lives, or none that can be\n"
        "read, it is refused.\n",
    .exit_codes =
        "  0   done, or shown; of verify: all is whole\n"
        "  1   refused, not confirmed, not whole, or it failed; the message says which\n"
        "  64  wrong arguments\n",
    .examples =
        "  bullpenctl migrate split ~/old-bot/data/trading_state.json --dry-run\n"
        "  bullpenctl migrate split ~/old-bot/data/trading_state.json --holdings held.json\n"
        "  bullpenctl migrate verify\n"
        "  bullpenctl migrate rollback ~/old-bot/data/trading_state.json\n",
    .options = k_migrate_options,
    .operands_min = 1,
    .operands_max = 2,
    .run = run_migrate,
    .writes_home = true,
};

}  // namespace bullpen::ctl
