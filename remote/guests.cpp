#include "remote/guests.hpp"

#include <sys/stat.h>

#include "common/base/errc.hpp"
#include "common/vault/private_file.hpp"

namespace bullpen::remote {

namespace {

// Other whenever the file was written, replaced, made or removed.
std::string stamp_of(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0)
        return "none";
    return std::to_string(status.st_ino) + " " + std::to_string(status.st_size) + " " +
           std::to_string(status.st_mode) + " " + std::to_string(status.st_mtim.tv_sec) + "." +
           std::to_string(status.st_mtim.tv_nsec);
}

// Who can write it says who gives orders: it is the home's user's alone.
Result<ipc::AllowList> read_list(const std::string& path) {
    const auto text = vault::read_private(path, ipc::k_allow_list_size_max, vault::Keeper::user);
    if (!text && text.error().code() == Errc::not_found)
        return ipc::AllowList();
    if (!text)
        return fail(text.error());
    return ipc::AllowList::parse(text->reveal());
}

}  // namespace

Guests::Guests(const Home& home, log::Logger& log) : path_(ipc::allow_list_path(home)), log_(log) {
    look();
}

void Guests::look() {
    auto stamp = stamp_of(path_);
    if (stamp == stamp_)
        return;
    stamp_ = std::move(stamp);
    auto list = read_list(path_);
    trouble_ = list ? "" : path_ + ": " + list.error().message();
    list_ = list ? std::move(*list) : ipc::AllowList();
    if (trouble_.empty())
        log_.info("clients_read", {{"clients", list_.clients().size()}});
    else
        log_.error("clients_not_read", {{"trouble", trouble_}});
}

const ipc::AllowedClient* Guests::find(const std::string& key) {
    look();
    return list_.find(key);
}

}  // namespace bullpen::remote
