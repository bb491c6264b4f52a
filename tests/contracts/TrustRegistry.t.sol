// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DidRegistry} from "contracts/DidRegistry.sol";
import {TrustRegistry} from "contracts/TrustRegistry.sol";
import {Cheats} from "./Cheats.sol";

/// Any values: what goes in comes out, and what must not go in does not.
contract TrustRegistryTest is Cheats {
    DidRegistry private didRegistry;
    TrustRegistry private registry;
    address private constant MINISTRY = address(0xA1);
    bytes32 private constant TYPE = bytes32(uint256(7));

    function setUp() public {
        vm.warp(NOW);
        didRegistry = DidRegistry(_deploy("DidRegistry", ""));
        registry = TrustRegistry(_deploy("TrustRegistry", abi.encode(_alone(address(this)), 1, didRegistry)));
    }

    function testFuzz_an_entry_comes_back_as_it_went_in(
        bytes32 subject,
        uint8 role,
        bytes32 credentialType,
        uint40 validFrom,
        uint40 validUntil,
        uint8 state,
        bytes32 allowedClaims,
        bytes32 policy
    ) public {
        vm.assume(subject != 0 && role != 0 && credentialType != 0 && validFrom < validUntil);
        state = uint8(_within(state, 1, 3));
        registry.accredit(subject, role, credentialType, validFrom, validUntil, state, allowedClaims, policy);
        (, bytes memory found) =
            address(registry).staticcall(abi.encodeCall(registry.accreditation, (subject, role, credentialType)));
        bool inForce = state == 1 && validFrom <= NOW && NOW < validUntil;
        assert(
            keccak256(found)
                == keccak256(abi.encode(inForce, address(0), validFrom, validUntil, state, allowedClaims, policy))
        );
    }

    function testFuzz_a_mandate_comes_back_as_it_went_in(
        address accreditor,
        uint8 role,
        bytes32 credentialType,
        uint40 validFrom,
        uint40 validUntil,
        uint8 state,
        uint8 depth
    ) public {
        vm.assume(accreditor != address(0) && role != 0 && credentialType != 0 && validFrom < validUntil);
        state = uint8(_within(state, 1, 3));
        depth = uint8(_within(depth, 0, 8));
        registry.setMandate(accreditor, role, credentialType, validFrom, validUntil, state, depth);
        (bool inForce, address grantor, uint40 from, uint40 until, uint8 found, uint8 levels) =
            registry.mandate(accreditor, role, credentialType);
        assert(grantor == address(0) && from == validFrom && until == validUntil);
        assert(found == state && levels == depth);
        assert(inForce == (state == 1 && validFrom <= NOW && NOW < validUntil));
    }

    function testFuzz_entries_do_not_touch_each_other(bytes32 one, bytes32 other, uint8 role, uint8 otherRole) public {
        vm.assume(one != 0 && other != 0 && role != 0 && otherRole != 0 && (one != other || role != otherRole));
        registry.accredit(one, role, TYPE, 1, 2, 3, 0, 0);
        (,,,, uint8 state,,) = registry.accreditation(other, otherRole, TYPE);
        assert(state == 0);
    }

    function testFuzz_strangers_write_nothing(address stranger, bytes32 subject, bytes32 keyHash) public {
        vm.assume(stranger != address(this));
        vm.prank(stranger);
        _expect("not_governor");
        registry.accredit(subject, 1, TYPE, 1, 2, 1, 0, 0);
        vm.prank(stranger);
        _expect("not_governor");
        registry.setMandate(stranger, 1, TYPE, 1, 2, 1, 0);
        vm.prank(stranger);
        _expect("not_governor");
        registry.killKey(subject, keyHash);
        vm.prank(stranger);
        _expect("not_governor");
        registry.setGovernance(_alone(stranger), 1);
        vm.prank(stranger);
        vm.expectRevert();
        registry.accreditAs(stranger, subject, 1, TYPE, 1, 2, 1, 0, 0);
    }

    function testFuzz_an_accreditor_keeps_to_its_period_and_depth(
        uint40 validFrom,
        uint40 validUntil,
        uint8 depth,
        uint8 given
    ) public {
        depth = uint8(_within(depth, 0, 8));
        uint40 start = uint40(NOW - 1000);
        uint40 end = uint40(NOW + 1000);
        validFrom = uint40(_within(validFrom, NOW - 1100, NOW));
        validUntil = uint40(_within(validUntil, NOW + 1, NOW + 1100));
        registry.setMandate(MINISTRY, 1, TYPE, start, end, 1, depth);
        bool fits = validFrom >= start && validUntil <= end;
        if (!fits) _expect("bad_period");
        vm.prank(MINISTRY);
        registry.accreditAs(MINISTRY, bytes32(uint256(1)), 1, TYPE, validFrom, validUntil, 1, 0, 0);
        if (!fits) _expect("bad_period");
        else if (given >= depth) _expect("bad_depth");
        vm.prank(MINISTRY);
        registry.setMandateAs(MINISTRY, address(0xA2), 1, TYPE, validFrom, validUntil, 1, given);
    }

    function testFuzz_a_key_is_killed_for_its_subject_alone(bytes32 subject, bytes32 other, bytes32 keyHash) public {
        vm.assume(subject != 0 && keyHash != 0 && other != subject);
        registry.killKey(subject, keyHash);
        assert(registry.killedAt(subject, keyHash) == NOW);
        assert(registry.killedAt(other, keyHash) == 0);
        _expect("already_killed");
        registry.killKey(subject, keyHash);
    }
}

/// Accreditors, the governance and the clock do what they like, whether it is allowed or not.
contract Country is Cheats {
    TrustRegistry public immutable registry;
    DidRegistry private immutable didRegistry;
    address[6] public accreditors;
    bytes32[4] public subjects;
    bytes32 public constant TYPE = bytes32(uint256(7));
    uint256 private time = NOW;

    mapping(bytes32 => bool) public revokedByGovernance;
    mapping(address => bool) public mandateRevokedByGovernance;
    mapping(bytes32 => uint256) public killed;
    uint256 public succeeded;

    constructor() {
        vm.warp(NOW);
        didRegistry = DidRegistry(_deploy("DidRegistry", ""));
        registry = TrustRegistry(_deploy("TrustRegistry", abi.encode(_alone(address(this)), 1, didRegistry)));
        for (uint256 index = 0; index < accreditors.length; ++index) {
            accreditors[index] = address(uint160(0xA00 + index));
        }
        for (uint256 index = 0; index < subjects.length; ++index) {
            subjects[index] = bytes32(index + 1);
        }
        for (uint256 index = 0; index < 3; ++index) {
            registry.setMandate(accreditors[index], 1, TYPE, 0, type(uint40).max, 1, uint8(index * 2));
        }
    }

    function wait(uint256 duration) external {
        time += _within(duration, 0, 50);
        vm.warp(time);
    }

    function govern_mandate(uint256 who, uint256 start, uint256 end, uint8 state, uint8 depth) external {
        address accreditor = _accreditor(who);
        state = _state(state);
        (uint40 from, uint40 until) = _period(start, end);
        try registry.setMandate(accreditor, 1, TYPE, from, until, state, uint8(_within(depth, 0, 9))) {
            assert(!mandateRevokedByGovernance[accreditor]);
            mandateRevokedByGovernance[accreditor] = state == 3;
            ++succeeded;
        } catch {}
    }

    function give_on(uint256 who, uint256 to, uint256 start, uint256 end, uint8 state, uint8 depth) external {
        (uint40 from, uint40 until) = _period(start, end);
        address accreditor = _accreditor(to);
        depth = uint8(_within(depth, 0, 9));
        (, address before,,, uint8 old,) = registry.mandate(accreditor, 1, TYPE);
        vm.prank(_accreditor(who));
        try registry.setMandateAs(_accreditor(who), accreditor, 1, TYPE, from, until, _state(state), depth) {
            assert(old == 0 || before != address(0));
            ++succeeded;
        } catch {}
    }

    function govern_entry(uint256 what, uint256 start, uint256 end, uint8 state) external {
        (uint40 from, uint40 until) = _period(start, end);
        bytes32 subject = _subject(what);
        try registry.accredit(subject, 1, TYPE, from, until, _state(state), 0, bytes32(start)) {
            _afterGovernance(subject, _state(state));
        } catch {}
    }

    function govern_state(uint256 what, uint8 state) external {
        bytes32 subject = _subject(what);
        try registry.setAccreditationState(subject, 1, TYPE, _state(state)) {
            _afterGovernance(subject, _state(state));
        } catch {}
    }

    function accredit(uint256 who, uint256 what, uint256 start, uint256 end, uint8 state) external {
        (uint40 from, uint40 until) = _period(start, end);
        bytes32 subject = _subject(what);
        (bool held, address before, uint8 old) = _entry(subject);
        vm.prank(_accreditor(who));
        try registry.accreditAs(_accreditor(who), subject, 1, TYPE, from, until, _state(state), 0, 0) {
            assert(old == 0 || before != address(0));
            assert(!held || before == _accreditor(who));
            ++succeeded;
        } catch {}
    }

    function set_state(uint256 who, uint256 what, uint8 state) external {
        bytes32 subject = _subject(what);
        (, address before, uint8 old) = _entry(subject);
        vm.prank(_accreditor(who));
        try registry.setAccreditationStateAs(_accreditor(who), subject, 1, TYPE, _state(state)) {
            assert(before == _accreditor(who) && old != 3);
            ++succeeded;
        } catch {}
    }

    function kill(uint256 what, uint256 key) external {
        bytes32 subject = _subject(what);
        bytes32 keyHash = bytes32(_within(key, 1, 3));
        try registry.killKey(subject, keyHash) {
            bytes32 name = keccak256(abi.encode(subject, keyHash));
            assert(killed[name] == 0);
            killed[name] = time;
        } catch {}
    }

    function _afterGovernance(bytes32 subject, uint8 state) private {
        assert(!revokedByGovernance[subject]);
        revokedByGovernance[subject] = state == 3;
        ++succeeded;
    }

    function _entry(bytes32 subject) private view returns (bool inForce, address grantor, uint8 state) {
        (inForce, grantor,,, state,,) = registry.accreditation(subject, 1, TYPE);
    }

    function _accreditor(uint256 who) private view returns (address) {
        return accreditors[who % accreditors.length];
    }

    function _subject(uint256 what) private view returns (bytes32) {
        return subjects[what % subjects.length];
    }

    /// Active four times out of six, so that chains come to be.
    function _state(uint8 state) private pure returns (uint8) {
        uint256 drawn = _within(state, 0, 5);
        return drawn < 4 ? 1 : uint8(drawn - 2);
    }

    function _period(uint256 start, uint256 end) private view returns (uint40, uint40) {
        return (uint40(time - start % 100), uint40(time + 1 + end % 400));
    }
}

/// What no sequence of calls may bring about.
contract TrustRegistryInvariants is Cheats {
    Country private country;

    function setUp() public {
        country = new Country();
    }

    function targetContracts() public view returns (address[] memory) {
        return _alone(address(country));
    }

    /// Every mandate in force stands on the governance, by ever deeper mandates, all in force; there is no circle.
    function invariant_what_is_in_force_stands_on_the_governance() public view {
        TrustRegistry registry = country.registry();
        for (uint256 index = 0; index < 4; ++index) {
            (bool inForce, address grantor,,,,,) =
                registry.accreditation(country.subjects(index), 1, country.TYPE());
            if (inForce) _requireGround(grantor, -1);
        }
        for (uint256 index = 0; index < 6; ++index) {
            address accreditor = country.accreditors(index);
            (bool inForce,,,,,) = registry.mandate(accreditor, 1, country.TYPE());
            if (inForce) _requireGround(accreditor, -1);
        }
    }

    /// Also what is not in force forms no circle, so that no walk is without end.
    function invariant_no_circle() public view {
        TrustRegistry registry = country.registry();
        for (uint256 index = 0; index < 6; ++index) {
            address start = country.accreditors(index);
            address step = start;
            for (uint256 walked = 0; step != address(0) && walked <= 6; ++walked) {
                (, step,,,,) = registry.mandate(step, 1, country.TYPE());
                assert(step != start);
            }
        }
    }

    function invariant_what_the_governance_revoked_stays_revoked() public view {
        TrustRegistry registry = country.registry();
        for (uint256 index = 0; index < 4; ++index) {
            bytes32 subject = country.subjects(index);
            (bool inForce, address grantor,,, uint8 state,,) = registry.accreditation(subject, 1, country.TYPE());
            if (country.revokedByGovernance(subject)) assert(!inForce && grantor == address(0) && state == 3);
        }
        for (uint256 index = 0; index < 6; ++index) {
            address accreditor = country.accreditors(index);
            (bool inForce, address grantor,,, uint8 state,) = registry.mandate(accreditor, 1, country.TYPE());
            if (country.mandateRevokedByGovernance(accreditor)) {
                assert(!inForce && grantor == address(0) && state == 3);
            }
        }
    }

    function invariant_a_killed_key_stays_killed() public view {
        for (uint256 index = 0; index < 4; ++index) {
            for (uint256 key = 1; key <= 3; ++key) {
                bytes32 subject = country.subjects(index);
                bytes32 name = keccak256(abi.encode(subject, bytes32(key)));
                assert(country.registry().killedAt(subject, bytes32(key)) == country.killed(name));
            }
        }
    }

    function _requireGround(address accreditor, int256 below) private view {
        for (uint256 level = 0; accreditor != address(0); ++level) {
            assert(level <= 8);
            (bool inForce, address grantor, uint40 from, uint40 until, uint8 state, uint8 depth) =
                country.registry().mandate(accreditor, 1, country.TYPE());
            assert(inForce && state == 1 && from <= block.timestamp && block.timestamp < until);
            assert(int256(uint256(depth)) > below);
            below = int256(uint256(depth));
            accreditor = grantor;
        }
    }
}
