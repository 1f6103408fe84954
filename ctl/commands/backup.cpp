#include <array>

#include "ctl/commands/commands.hpp"
#include "ctl/home_copy.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::array<Option, 1> k_backup_options = {
    {{'\0', "keep", "N", "then remove this home's older backups in DIR, but for N"}}};

}  // namespace

const Command k_backup = {
    .name = "backup",
    .synopsis = "DIR",
    .text =
        "Copies the home into DIR/bullpen-<home>-<time>, whether it runs or not: settings, "
        "roster,\n"
        "sealed credentials, each account's state, journal and own files, the paper exchange's "
        "books,\n"
        "fences. Without the vault's key, locks, logs and crash bundles. Each account's copy is "
        "looked\n"
        "through; SHA256SUMS beside it is what sha256sum -c takes. What cannot be copied of one\n"
        "account is told and keeps the others from nothing. Holes of files stay holes. What a run\n"
        "that was broken off left in DIR is removed. docs/operations says how it is scheduled.\n",
    .exit_codes =
        "  0   done\n"
        "  1   something is not in it, or not whole: the message says what, and of older backups "
        "the\n"
        "      newest that has it whole stays; or it failed, and there is no backup of this name\n"
        "  64  wrong arguments\n",
    .examples =
        "  bullpenctl backup /mnt/backup\n"
        "  bullpenctl backup /mnt/backup --keep 14\n",
    .options = k_backup_options,
    .operands_min = 1,
    .operands_max = 1,
    .run = back_up,
    .writes_home = true,
};

}  // namespace bullpen::ctl
