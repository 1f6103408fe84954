#include "ctl/isolation_text.hpp"

#include <algorithm>
#include <array>

namespace bullpen::ctl {

namespace {

bool is(std::uint8_t value, ipc::MeansUse use) {
    return value == static_cast<std::uint8_t>(use);
}

std::string_view word(std::uint8_t use) {
    constexpr std::array<std::string_view, 3> k_uses{"not_wanted", "in_force", "unusable"};
    return k_uses.at(std::min<std::size_t>(use, k_uses.size() - 1));
}

// Of a slot or of the daemon: both have the same fields.
template <class Record>
std::string features(const Record& record) {
    std::string text =
        record.landlock != 0 ? "Landlock " + std::to_string(record.landlock) : "no Landlock";
    return text +
           (record.calls_filtered != 0 ? ", system calls filtered" : ", system calls not filtered");
}

template <class Record>
void append(JsonWriter& json, const Record& record) {
    json.key("isolation");
    if (record.isolation_known == 0) {
        json.null();
        return;
    }
    json.begin_object();
    json.key("landlock").number(record.landlock);
    json.key("seccomp").boolean(record.calls_filtered != 0);
    json.end_object();
}

// Of a daemon before one that confines, or of this one and less than it has now.
bool is_less(const ipc::BoardSlot& slot, const ipc::BoardDaemon& daemon) {
    return slot.isolation_known == 0 || slot.landlock < daemon.landlock ||
           slot.calls_filtered < daemon.calls_filtered ||
           (slot.service == 0 && slot.own_user == 0 && is(daemon.users, ipc::MeansUse::in_force));
}

void add_exception(std::vector<IsolationLine>& lines, const AccountRow& row,
                   const ipc::BoardDaemon& daemon) {
    const auto& slot = *row.slot;
    if (row.pid != 0 && is_less(slot, daemon))
        lines.push_back({slot.account.str() + ": confined by less than the others (" +
                             isolation_text(slot) + "); a restart changes that",
                         true});
    else if (slot.widened != 0)
        lines.push_back(
            {slot.account.str() + ": may change or do more than its own, as its file asks for",
             true});
}

}  // namespace

std::string isolation_text(const ipc::BoardSlot& slot) {
    if (slot.isolation_known == 0)
        return "not known: who started it did not say";
    return features(slot) + (slot.own_user != 0 ? ", a user of its own" : "") +
           (slot.widened != 0 ? "; its file lets it do more" : "");
}

std::vector<IsolationLine> isolation_lines(const ipc::BoardDaemon& daemon,
                                           std::span<const ChosenRow> accounts,
                                           std::span<const ChosenRow> services) {
    std::vector<IsolationLine> lines;
    if (daemon.isolation_known == 0)
        return lines;
    // What the kernel keeps apart by their users alone.
    const bool by_user = is(daemon.users, ipc::MeansUse::in_force);
    if (daemon.landlock == 0) {
        lines.push_back({"workers are not confined: " + features(daemon) +
                             (by_user ? "; they are kept from each other's files by their users"
                                      : "; each can read the others' files"),
                         true});
    } else if (daemon.calls_filtered == 0) {
        lines.push_back({"workers are not fully confined: " + features(daemon), true});
    } else {
        lines.push_back({"workers are confined: " + features(daemon), false});
    }
    if (by_user)
        lines.push_back({"each of them is of a user of its own", false});
    if (is(daemon.users, ipc::MeansUse::unusable))
        lines.push_back(
            {"isolation.users = \"account\" cannot be had: workers are all of the "
             "home's user; bullpenctl maintail says why",
             true});
    if (is(daemon.cgroups, ipc::MeansUse::in_force))
        lines.push_back({"their limits are kept by control groups", false});
    if (is(daemon.cgroups, ipc::MeansUse::unusable))
        lines.push_back(
            {"isolation.cgroups cannot be used: limits on memory and processes are "
             "watched, and there is none on processor time; bullpenctl maintail says "
             "why",
             true});
    for (const auto rows : {accounts, services}) {
        for (const auto& chosen : rows)
            add_exception(lines, *chosen.row, daemon);
    }
    return lines;
}

void append_isolation(JsonWriter& json, const ipc::BoardSlot& slot) {
    append(json, slot);
    json.key("own_user").boolean(slot.own_user != 0);
    json.key("widened").boolean(slot.widened != 0);
    json.key("credentials_in_environment").boolean(slot.credentials_in_environment != 0);
}

void append_service_isolation(JsonWriter& json, const ipc::BoardSlot& slot) {
    append(json, slot);
}

void append_isolation(JsonWriter& json, const ipc::BoardDaemon& daemon) {
    append(json, daemon);
    json.key("cgroups").string(word(daemon.cgroups));
    json.key("users").string(word(daemon.users));
}

}  // namespace bullpen::ctl
