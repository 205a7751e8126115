export { type FirstMembers, firstMembers } from './first-members.js';
