#include <array>

#include "ctl/commands/commands.hpp"
#include "ctl/home_copy.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::array<Option, 3> k_restore_options = {
    {{'\0', "user", "USER", "whose the new home is to be, given by root"},
     {'\0', "dry-run", "", "only see whether the backup is whole"},
     {'\0', "yes", "", "do not ask"}}};

}  // namespace

const Command k_restore = {
    .name = "restore",
    .synopsis = "BACKUP",
    .text =
        "Makes a home of a backup, in the directory that --home names, which may have no accounts "
        "yet.\n"
        "It is refused while a daemon runs there: stop that first, and start it afterwards.\n"
        "Every file is compared with SHA256SUMS first. Fences begin a million beyond those of the\n"
        "backup, so that none comes twice. The vault's key is to be put back by hand. Nothing is\n"
        "started; make sure that the old home runs nowhere before you do. Given by root, all that "
        "it\n"
        "makes belongs to the home's owner; where there is no home yet to that of the directory "
        "that it\n"
        "is made in, or to --user.\n",
    .exit_codes =
        "  0   done; with --dry-run: it is whole\n"
        "  1   it is not whole, the home has accounts, a daemon runs there, it was not confirmed, "
        "or it\n"
        "      failed\n"
        "  64  wrong arguments\n",
    .examples =
        "  bullpenctl restore /mnt/backup/bullpen-live-20261122T020000000Z --dry-run\n"
        "  bullpenctl --home /srv/live restore /mnt/backup/bullpen-live-20261122T020000000Z\n"
        "  bullpenctl --home /srv/new restore --user bullpen "
        "/mnt/backup/bullpen-live-20261122T020000000Z\n",
    .options = k_restore_options,
    .operands_min = 1,
    .operands_max = 1,
    .run = restore,
    .looks_into_home = false,
};

}  // namespace bullpen::ctl
