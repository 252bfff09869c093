/** What a server is made of and an emperor is not: loaded once it is clear that there is one to be. */
export { LocalGateway } from './local-gateway.ts';
export { GatewayProcess } from './master/gateway-process.ts';
export { LogWriter } from './master/log-writer.ts';
export { Master } from './master/master.ts';
export { takeResources } from './master/resources.ts';
