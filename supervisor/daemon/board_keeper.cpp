#include "supervisor/daemon/board_keeper.hpp"

#include <algorithm>

#include "common/base/service.hpp"
#include "common/launch/plan.hpp"
#include "common/model/reason.hpp"
#include "ipc/account_lock.hpp"
#include "ipc/board_report.hpp"
#include "ipc/error_text.hpp"

namespace bullpen::daemon {

namespace {

void put_settings(ipc::BoardSlot& slot, const config::AccountSettings& settings) {
    slot.label = settings.label;
    slot.group = settings.group;
    slot.owner = settings.owner;
    slot.opposite = static_cast<std::uint8_t>(settings.opposite);
    slot.priority = settings.priority;
    slot.enabled = settings.enabled ? 1 : 0;
    slot.service = is_service(settings.id) ? 1 : 0;
    slot.widened = launch::is_widened(settings) ? 1 : 0;
    slot.credentials_in_environment = settings.credentials_environment.empty() ? 0 : 1;
    slot.beats = settings.heartbeat == config::HeartbeatKind::zmq ? 1 : 0;
}

// Whoever launched it wrote it into its lock file.
void put_isolation(ipc::BoardSlot& slot, const std::optional<sandbox::Isolation>& isolation) {
    slot.isolation_known = isolation ? 1 : 0;
    slot.landlock = isolation ? static_cast<std::uint8_t>(isolation->landlock) : 0;
    slot.calls_filtered = isolation && isolation->calls_filtered ? 1 : 0;
    slot.own_user = isolation && isolation->own_user ? 1 : 0;
}

void put_holding(ipc::BoardSlot& slot, const fleet::Holding& holding) {
    slot.position = holding.position;
    slot.quantity_known = holding.quantity ? 1 : 0;
    slot.quantity = holding.quantity.value_or(0);
    slot.position_at = holding.at;
}

}  // namespace

void BoardKeeper::changed(const Account& account, const fleet::AccountView& view) {
    auto& slot = slots_[account.id];
    slot.account = account.id.str();
    if (account.settings)
        put_settings(slot, *account.settings);
    slot.state = view.state;
    slot.exited = view.exited ? 1 : 0;
    slot.wanted = view.wanted ? 1 : 0;
    slot.reason = model::code(view.reason);
    slot.reason_text = view.detail;
    slot.next = view.next;
    slot.since = view.since;
    slot.until = view.until.value_or(UtcTime{});
    slot.started = view.started;
    slot.restarts = view.restarts;
    slot.launch = view.launch.value;
    slot.fence = view.fence.value;
    if (view.pid != 0 && slot.pid != view.pid) {
        const auto facts = ipc::AccountLock::read_facts(home_.account(account.id).lock);
        put_isolation(slot, facts ? facts->isolation : std::nullopt);
    }
    slot.pid = view.pid;
    const bool current = account.launch && account.launch->pid == view.pid;
    slot.start_time = view.pid != 0 && current ? account.launch->start_time : 0;
    ipc::put_error(slot, account.last_error);
    put_holding(slot, account.holding);
    slot.disk_bytes = account.disk_bytes;
    if (view.pid == 0) {
        clear_report(slot);
        // Also what was known before this daemon: whoever renames or removes an account asks.
        slot.flat = view.flat.value_or(false) ? 1 : 0;
    }
    put(slot);
}

void BoardKeeper::reported(const Account& account) {
    const auto found = slots_.find(account.id);
    if (found == slots_.end() || !account.launch)
        return;
    auto& slot = found->second;
    slot.protocol = account.launch->protocol;
    slot.worker_version = account.launch->version;
    slot.disk_bytes = account.disk_bytes;
    ipc::put_error(slot, account.last_error);
    if (const auto* beat = account.beat()) {
        put_report(slot, *beat);
        put_holding(slot, account.holding);
        slot.last_bar_mono = account.launch->bar_at;
        slot.last_beat = account.launch->beat_at.utc;
        slot.last_beat_mono = account.launch->beat_at.mono;
    }
    if (account.beat() == nullptr || account.launch->rss_bytes > 0)
        slot.rss_bytes = account.launch->rss_bytes;
    put(slot);
}

void BoardKeeper::remove(const AccountId& account) {
    slots_.erase(account);
    writer_.remove(account);
}

void BoardKeeper::remove_unknown(Accounts& accounts) {
    for (const auto& account : writer_.accounts()) {
        if (accounts.find(account) == nullptr)
            writer_.remove(account);
    }
}

Result<void> BoardKeeper::make_again(const std::string& path) {
    BULLPEN_TRY(writer_, ipc::BoardWriter::create(path, {}, slots_.size()));
    for (const auto& [account, slot] : slots_)
        put(slot);
    return {};
}

void BoardKeeper::put(const ipc::BoardSlot& slot) {
    const auto written = writer_.put(slot);
    if (!written && !failing_) {
        log_.warn("board_not_written", {{"error", written.error().message()}});
    }
    failing_ = !written;
}

}  // namespace bullpen::daemon
