#include "common/launch/confiner.hpp"

#include <sys/prctl.h>

#include "common/base/descriptor.hpp"
#include "common/base/service.hpp"

namespace bullpen::launch {

namespace {

// Long enough for a fleet that starts; a file that is replaced by another is found soon.
constexpr Nanos k_paths_kept = std::chrono::seconds(1);
constexpr mode_t k_directory_mode = 0700;

sandbox::Walls walls_of(Plan&& plan, std::span<const int> readable) {
    return {std::move(plan.reach),
            {readable.begin(), readable.end()},
            !plan.calls.signals,
            std::nullopt};
}

// Of this process, for good.
Result<void> enter(Plan&& plan, const sandbox::Isolation& level) {
    if (level.landlock == 0 && !level.calls_filtered)
        return {};
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return fail_errno("cannot give up privileges");
    if (level.landlock > 0) {
        sandbox::OpenPaths paths;
        BULLPEN_TRY(const auto ruleset,
                    sandbox::make_ruleset(level.landlock, walls_of(std::move(plan), {}), paths));
        BULLPEN_CHECK(sandbox::enter_ruleset(ruleset));
    }
    return level.calls_filtered ? sandbox::refuse_new_programs() : Result<void>{};
}

}  // namespace

Confiner::Confiner()
    : kernel_version_(sandbox::landlock_version()),
      kernel_filters_(sandbox::seccomp_available() && sandbox::calls_can_be_filtered()) {}

sandbox::Isolation Confiner::level(const config::IsolationSettings& settings) const {
    return {version_in_use(kernel_version_, settings.landlock_max),
            kernel_filters_ && settings.seccomp};
}

Result<process::LaunchConfinement> Confiner::confine(const Home& home,
                                                     const config::AccountSettings& settings,
                                                     std::string_view program,
                                                     const sandbox::Isolation& level,
                                                     std::span<const int> readable, MonoTime now) {
    tick(now);
    process::LaunchConfinement confinement;
    const bool service = is_service(settings.id);
    if (service) {
        for (const auto& directory : service_directories(home, settings.id))
            BULLPEN_CHECK(make_directories(directory, k_directory_mode));
    }
    // It reads what all of them write and reaches out; it confines itself (notify/walls.hpp).
    if (settings.id.str() == k_notify_service)
        return confinement;
    auto plan = service ? plan_for_service(home, settings.id, Phase::launch, {})
                        : plan_for(home, settings, program, Phase::launch);
    if (level.calls_filtered) {
        auto allowed = plan.calls;
        allowed.truncate = level.landlock >= sandbox::k_landlock_truncate;
        allowed.signals = allowed.signals || level.landlock >= sandbox::k_landlock_signals;
        confinement.calls = filter(allowed);
    }
    if (level.landlock > 0) {
        BULLPEN_TRY(
            confinement.ruleset,
            sandbox::make_ruleset(level.landlock, walls_of(std::move(plan), readable), paths_));
    }
    confinement.gives_up_privileges = true;
    return confinement;
}

void Confiner::tick(MonoTime now) {
    if (now - paths_since_ < k_paths_kept)
        return;
    paths_.close();
    paths_since_ = now;
}

const sandbox::Program& Confiner::filter(const sandbox::CallsAllowed& allowed) {
    auto found = filters_.find(allowed);
    if (found == filters_.end())
        found = filters_.emplace(allowed, sandbox::calls_filter(allowed)).first;
    return found->second;
}

Result<void> confine_this_process(const Home& home, const config::AccountSettings& settings,
                                  const sandbox::Isolation& level) {
    return enter(plan_for(home, settings, {}, Phase::work), level);
}

Result<void> confine_this_service(const Home& home, const AccountId& service,
                                  std::span<const std::string> files,
                                  const sandbox::Isolation& level) {
    return enter(plan_for_service(home, service, Phase::work, files), level);
}

}  // namespace bullpen::launch
