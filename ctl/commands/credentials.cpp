#include "ctl/credentials.hpp"

#include <array>

#include "ctl/commands/commands.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::array<Option, 1> k_credentials_options = {{
    {'\0', "expires", "TIME", "of set: when it ends, 2026-11-22T00:30:00Z, or never"},
}};

struct Word {
    std::string_view word;
    int (*run)(Context&);
    std::size_t operands_max;  // with the word itself
};
// What is too much for `set` may be a secret: it is not repeated.
constexpr std::array k_words{
    Word{"set", credentials_set, k_operands_any}, Word{"list", credentials_list, 3},
    Word{"remove", credentials_remove, 3},        Word{"rotate", credentials_rotate, 3},
    Word{"verify", credentials_verify, 3},        Word{"unlock", credentials_unlock, 1}};

int run_credentials(Context& context) {
    const auto word = context.arguments.operands[0];
    for (const Word& known : k_words) {
        if (known.word != word)
            continue;
        if (context.arguments.operands.size() > known.operands_max)
            return report(context, std::string(word) + " takes fewer words", ExitCode::usage);
        return known.run(context);
    }
    std::string all;
    for (const Word& known : k_words)
        all += (all.empty() ? "" : ", ") + std::string(known.word);
    return report(context, "credentials does not know '" + std::string(word) + "', but " + all,
                  ExitCode::usage);
}

}  // namespace

const Command k_credentials = {
    .name = "credentials",
    .synopsis = "WORD [NAME|all] [FIELD]",
    .text =
        "What accounts prove themselves with at their brokers, sealed in HOME/secrets; "
        "docs/vault.md\n"
        "explains it. Values are typed at a prompt that shows nothing, or come from standard "
        "input;\n"
        "they are never arguments, and never shown.\n"
        "\n"
        "  set NAME [FIELD]           what it needs, asked for one after the other, or this one\n"
        "  list [NAME [FIELD]|all]    which there are, since when and until when, and which are\n"
        "                             missing\n"
        "  remove NAME [FIELD]        all of an account's, or this one\n"
        "  verify [NAME [FIELD]|all]  whether they open, and are what the account needs\n"
        "  rotate NAME [FIELD]|all    seal them anew; with `all` by a new key\n"
        "  unlock                     give the daemon the key of a vault that has a passphrase\n"
        "\n"
        "Rotating changes by what values are sealed, and no value: the account's fields are "
        "sealed\n"
        "together, so with a FIELD, which it must have, all of them are. Another value comes from "
        "the\n"
        "broker, and `set` takes it. With `all`, a file that does not open is passed over and "
        "told.\n"
        "\n"
        "A running daemon takes up what is set for that account alone: one that waits for it "
        "starts,\n"
        "one that runs has it from its next start on. Without a terminal, the passphrase of a "
        "vault\n"
        "that has one is the first line of standard input.\n",
    .exit_codes =
        "  0   done; of verify: all is well\n"
        "  1   there is no such account or field, a file or key cannot be used, or one was passed "
        "over\n"
        "  64  wrong arguments\n"
        "  75  the daemon runs and does not answer\n",
    .examples =
        "  bullpenctl credentials set mes01\n"
        "  pass show broker/mes01 | bullpenctl credentials set mes01 api_key\n"
        "  bullpenctl credentials set nse01 access_token --expires 2026-11-23T00:30:00Z\n"
        "  bullpenctl credentials verify all\n",
    .options = k_credentials_options,
    .operands_min = 1,
    .operands_max = k_operands_any,
    .run = run_credentials,
    .writes_home = true,
};

}  // namespace bullpen::ctl
